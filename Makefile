# The one door: make run · make test · make check · make bench · make install
PY := .venv/bin/python

.PHONY: run install test check bench schema clean

run: install
	@test -f demo-data/smallcrm.db || .venv/bin/smallcrm --data demo-data demo --customers 400
	.venv/bin/smallcrm --data demo-data serve

install: .venv/ready

.venv/ready: pyproject.toml packaging/requirements.txt packaging/build.py packaging/frontend/package.json packaging/frontend/package-lock.json packaging/frontend/parts.json $(wildcard smallcrm/locale/*/LC_MESSAGES/*.po)
	test -x $(PY) || python3 -m venv .venv
	$(PY) -m pip install -q --disable-pip-version-check -r packaging/requirements.txt
	$(PY) packaging/build.py
	$(PY) -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/ready-dev: .venv/ready packaging/requirements-dev.txt
	$(PY) -m pip install -q --disable-pip-version-check -r packaging/requirements-dev.txt
	@touch $@

check: .venv/ready-dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	$(PY) -m pytest -q tests/test_layout.py tests/test_translations.py

test: check
	@sh packaging/browser.sh
	$(PY) -m pytest -n 2 --dist worksteal

bench: .venv/ready-dev
	$(PY) -m tests.bench

schema:
	$(PY) packaging/schema.py
