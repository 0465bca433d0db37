# SPDX-License-Identifier: Apache-2.0
# The front door; CMakeLists.txt describes the build.
#   make            build/midge, build/libmidge.so
#   make demo       train a network, convert it, shrink it, name what is on ten pictures
#   make check      all tests that fit into minutes; the last line counts them
#   make check-full check, sanitizers, threads, both compilers, other machines
#   make check-differential  midge and LiteRT on random operators and whole models; SEED=N draws others
#   make check-clients  programs of others on libtensorflowlite_c.so, next to Google's
#   make bench      midge and its peers side by side, against the targets
#   make bench-train  training by midge and TensorFlow, by the Python in TENSORFLOW_PYTHON
#   make install    PREFIX=/usr/local
#   make check-cross  tests on other machines, emulated: ARM from ARMv6 on, 32-bit x86, musl, a microcontroller
#   make check-wheels  wheels for other systems, made and run; TARGETS="x86_64 aarch64" for some
#   make deb        Debian packages in build/packages; ARCH=aarch64, armhf or i686 for another machine
#   make cross      ARCH=aarch64, armhf, armv6, i686 or musl, in build-cross/ARCH

BUILD ?= build
PREFIX ?= /usr/local
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
CMAKE_OPTIONS ?=
SEED ?= 1

.PHONY: all prerequisites configure demo check check-full check-sanitize check-threads \
        check-compilers check-cross check-convert check-differential check-clients check-style check-packages \
        check-python-packages check-wheels bench bench-train bench-convert install deb cross clean

all: configure
	cmake --build $(BUILD) -j $(JOBS)

prerequisites:
	@tools/install_prerequisites

configure: prerequisites
	@cmake -S . -B $(BUILD) -DCMAKE_INSTALL_PREFIX=$(PREFIX) $(CMAKE_OPTIONS) > $(BUILD).log 2>&1 \
	  || { cat $(BUILD).log; exit 1; }
	@mv $(BUILD).log $(BUILD)/configure.log

# Without the pictures to train on, the built-in model names what is on the built-in ones.
demo: all
	@tools/install_prerequisites data || true
	@if [ -d "$${MIDGE_FASHION_MNIST:-/usr/share/datasets/fashion-mnist}" ]; then \
	  examples/article.sh $(BUILD)/midge; \
	else \
	  echo "midge: dataset-fashion-mnist is not here: no training, only the built-in model" >&2; \
	  $(BUILD)/midge classify --top 3; \
	fi

check: CMAKE_OPTIONS += -DMIDGE_BUILD_TESTS=ON
check: all
	@tests/run_all $(BUILD)

check-sanitize:
	@tests/check_sanitize

check-threads:
	@tests/check_threads

check-compilers:
	@tests/check_compilers

check-cross: all
	@tests/check_cross

check-wheels:
	@tests/packages/wheels $(TARGETS)

check-convert: CMAKE_OPTIONS += -DMIDGE_BUILD_TESTS=ON
check-convert: all
	@tests/convert/check_convert $(BUILD) $(MODELS)

check-differential: all
	@python3 tests/differential/run.py --cli $(BUILD)/midge --seed $(SEED)
	@tests/quantize/check_optimize --cli $(BUILD)/midge --seed $(SEED)

check-packages:
	@tests/check_packages

check-python-packages: all
	@tests/python/run --packages $(BUILD)

check-clients: CMAKE_OPTIONS += -DMIDGE_BUILD_TESTS=ON
check-clients: all
	@tests/clients/run $(BUILD)

check-style:
	@tools/check_style && tools/check_layers

check-full: check check-style check-sanitize check-threads check-compilers check-cross \
            check-packages check-python-packages check-differential

bench: all
	@python3 bench/compare.py --cli $(BUILD)/midge

bench-train: all
	@python3 bench/compare_training.py --cli $(BUILD)/midge

bench-convert: all
	@python3 bench/compare_converters.py --cli $(BUILD)/midge

install: all
	cmake --install $(BUILD)

deb:
	@packaging/make_deb $(or $(ARCH),native) $(BUILD)/packages

cross:
	@JOBS=$(JOBS) packaging/build_cross $(or $(ARCH),aarch64)

clean:
	rm -rf $(BUILD)
