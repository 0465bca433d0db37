# SPDX-License-Identifier: Apache-2.0
# 32-bit x86 with SSE2, which CMakeLists.txt asks for.
set(CMAKE_SYSTEM_PROCESSOR i686)
set(MIDGE_TRIPLE i686-linux-gnu)
set(MIDGE_LIBRARY_FOLDER i386-linux-gnu)
set(MIDGE_EMULATOR qemu-i386)
include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
