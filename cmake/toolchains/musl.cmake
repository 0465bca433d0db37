# SPDX-License-Identifier: Apache-2.0
# This machine's processor with musl in place of glibc. The command is linked statically and so runs on
# any Linux of this processor; examples and tests are not, for they use the shared libraries. musl-gcc knows no libraries but musl's, so the command goes without JPEG and
# PNG.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${CMAKE_HOST_SYSTEM_PROCESSOR})
set(CMAKE_C_COMPILER musl-gcc)
add_link_options("$<$<STREQUAL:$<TARGET_PROPERTY:NAME>,midge_command>:-static>")
set(CMAKE_FIND_ROOT_PATH ${CMAKE_CURRENT_LIST_DIR}/nothing)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_DISABLE_FIND_PACKAGE_HDF5 TRUE)
set(ENV{PKG_CONFIG_LIBDIR} ${CMAKE_CURRENT_LIST_DIR}/nothing)
set(CMAKE_CROSSCOMPILING_EMULATOR env)
