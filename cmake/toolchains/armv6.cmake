# SPDX-License-Identifier: Apache-2.0
# ARMv6 with VFP2: Raspberry Pi Zero and 1. Debian's C library for hard float is made for ARMv7, so the
# compiler is zig's, which brings musl for ARMv6; programs are linked statically and run on any system
# of such a machine. packaging/zig_compiler puts the compiler into MIDGE_COMPILER_FOLDER.
set(CMAKE_SYSTEM_PROCESSOR armv6l)
set(MIDGE_EMULATOR qemu-arm)
set(MIDGE_COMPILER_FOLDER "" CACHE PATH "Folder of cc, ar and ranlib")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES MIDGE_COMPILER_FOLDER)
set(CMAKE_C_COMPILER ${MIDGE_COMPILER_FOLDER}/cc)
set(CMAKE_AR ${MIDGE_COMPILER_FOLDER}/ar CACHE FILEPATH "")
set(CMAKE_RANLIB ${MIDGE_COMPILER_FOLDER}/ranlib CACHE FILEPATH "")
include(${CMAKE_CURRENT_LIST_DIR}/alone.cmake)
set(CMAKE_CROSSCOMPILING_EMULATOR ${MIDGE_EMULATOR})
