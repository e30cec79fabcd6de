# The portal in a container: one image for the pages, the worker and every command. See portal/deployment/README.md.
FROM python:3.13-slim

WORKDIR /portal
COPY portal.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement portal.lock
COPY app.py ./
COPY portal portal
COPY templates templates
COPY static static
# Nothing of ours is written here, and no key, setting or incident is part of the image.
RUN python -m compileall -q portal app.py && mkdir instance
USER 10001:10001
ENV PORTAL_INSTANCE=/portal/instance PYTHONUNBUFFERED=1
EXPOSE 8000
CMD ["gunicorn", "--config", "python:portal.web.server", "--bind", "0.0.0.0:8000", "app:app"]
