# SPDX-License-Identifier: Apache-2.0
# This machine's processor with musl in place of glibc. The command is linked statically and so runs on
# any Linux of this processor; examples and tests are not, for they use the shared libraries.
set(CMAKE_SYSTEM_PROCESSOR ${CMAKE_HOST_SYSTEM_PROCESSOR})
set(CMAKE_C_COMPILER musl-gcc)
add_link_options("$<$<STREQUAL:$<TARGET_PROPERTY:NAME>,midge_command>:-static>")
include(${CMAKE_CURRENT_LIST_DIR}/alone.cmake)
set(CMAKE_CROSSCOMPILING_EMULATOR env)
