# SPDX-License-Identifier: Apache-2.0
# ARMv6 with VFP2: Raspberry Pi Zero and 1. Debian's C library for hard float is made for ARMv7, so
# programs linked here run on ARMv7 only; what is compiled here is ARMv6. On the Pi itself link with
# the system's own library.
set(CMAKE_SYSTEM_PROCESSOR armv6l)
set(MIDGE_TRIPLE arm-linux-gnueabihf)
set(MIDGE_LIBRARY_FOLDER arm-linux-gnueabihf)
set(MIDGE_EMULATOR qemu-arm)
set(CMAKE_C_FLAGS_INIT "-march=armv6 -marm -mfpu=vfp -mfloat-abi=hard")
include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
