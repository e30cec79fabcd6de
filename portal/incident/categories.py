"""Categories: the kinds of data that were exposed, field by field; their names are in the words."""

from portal.incident.section import Id, Section


class Category(Section):
    """One field of a customer's data."""

    id: Id
    sensitive: bool = False
