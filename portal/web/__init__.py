"""What every page shares: headers, errors, languages, health, origins, assets."""
