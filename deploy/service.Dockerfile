# One image per service, from the root of the repository:
#   docker build -f deploy/service.Dockerfile --build-arg SERVICE=payment -t lephi-payment .
#   docker build -f deploy/service.Dockerfile --build-arg SERVICE=gateway --build-arg FOLDER=gateway \
#     -t lephi-gateway .
# A service that secretly imports another does not start: the other is not in its image.
FROM python:3.11-slim-bookworm AS libraries
ENV PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
# No package is here yet, so this installs the dependencies and the command, and nothing of ours.
RUN pip install -c constraints.txt .
ENV PYTHONPATH=/app
RUN useradd --system --uid 10001 --home-dir /app lephi && mkdir var && chown lephi var

# Everything: for jobs that prepare a platform, and for the sandbox bank.
FROM libraries AS tools
COPY chassis/ chassis/
COPY services/ services/
COPY gateway/ gateway/
COPY contracts/ contracts/
COPY docs/how-to-sign.md docs/
COPY deploy/ deploy/
USER lephi
ENTRYPOINT ["lephi"]

FROM libraries AS service
ARG SERVICE
ARG FOLDER=services/${SERVICE}
COPY chassis/ chassis/
COPY contracts/ contracts/
COPY docs/how-to-sign.md docs/
COPY services/__init__.py services/
COPY ${FOLDER}/ ${FOLDER}/
COPY deploy/__init__.py deploy/__main__.py deploy/cli.py deploy/
COPY deploy/commands/ deploy/commands/
# The offline verifier knows nothing of us; the receipt service judges uploaded files by it.
COPY deploy/receipt_checker.py deploy/receipt_checker_program.py deploy/restore_check.py deploy/
COPY deploy/verifier/ deploy/verifier/
USER lephi
ENTRYPOINT ["lephi"]
