# The one door: make run · make test · make check · make bench · make install · make binary · make spk · make image · make wheel · make faults
PY := .venv/bin/python
PIN := -q --upgrade --no-header --strip-extras --annotation-style line --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

BINARY = dist/smallcrm-$(shell sed -n 's/__version__ = "\(.*\)"/\1/p' smallcrm/__init__.py)-linux-$(shell uname -m)

.PHONY: run install test check bench binary spk image wheel faults strings lock clean

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

# One file that runs on a bare system; the Synology package around it.
binary: .venv/ready
	$(PY) packaging/binary/build.py

spk: binary
	$(PY) packaging/spk/build.py

# The container image around it, made without a container engine.
image: binary
	$(PY) packaging/container/build.py

wheel: .venv/ready-dev
	$(PY) packaging/build.py pinyin translations frontend
	$(PY) -m pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation -w dist .

# What may befall a server, tried on the single binary from outside.
faults: .venv/ready-dev binary
	SMALLCRM_PROGRAM=$(BINARY) $(PY) -m pytest -n 2 --dist worksteal tests/packaging tests/faults tests/test_cli.py tests/test_server.py

# Bring the translations' catalogues up to date with the sources.
strings: .venv/ready-dev
	$(PY) packaging/strings.py

# Pin anew what packaging/*.in and pyproject.toml ask for.
lock: .venv/ready-dev
	$(PY) -m pip install -q --disable-pip-version-check pip-tools
	.venv/bin/pip-compile $(PIN) -o packaging/requirements.txt packaging/requirements.in pyproject.toml
	.venv/bin/pip-compile $(PIN) -o packaging/requirements-dev.txt packaging/requirements-dev.in
	$(PY) packaging/build.py lock

clean:
	rm -rf .venv dist smallcrm/web/static/vendor packaging/frontend/node_modules
