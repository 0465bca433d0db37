# SPDX-License-Identifier: Apache-2.0
# 32-bit ARMv7 with hard float: Raspberry Pi 2 and later, most gateways. NEON is chosen at run time.
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(MIDGE_TRIPLE arm-linux-gnueabihf)
set(MIDGE_LIBRARY_FOLDER arm-linux-gnueabihf)
set(MIDGE_EMULATOR qemu-arm)
include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
