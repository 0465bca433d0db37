# SPDX-License-Identifier: Apache-2.0
# 64-bit ARM: Raspberry Pi 3 and later with a 64-bit system.
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(MIDGE_TRIPLE aarch64-linux-gnu)
set(MIDGE_LIBRARY_FOLDER aarch64-linux-gnu)
set(MIDGE_EMULATOR qemu-aarch64)
include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
