# SPDX-License-Identifier: Apache-2.0
# What the toolchain files share. Each names a processor, a Debian cross compiler by its triple, and
# an emulator for its programs. The C library is the compiler's own, in /usr/TRIPLE; other libraries
# of the target (for pictures) are looked for in MIDGE_TARGET_LIBRARIES, which packaging/build_cross
# fills and which may stay empty.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${MIDGE_TRIPLE}-gcc)
set(MIDGE_TARGET_LIBRARIES "" CACHE PATH "Unpacked Debian packages of the target")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES MIDGE_TARGET_LIBRARIES)

set(CMAKE_FIND_ROOT_PATH /usr/${MIDGE_TRIPLE} ${MIDGE_TARGET_LIBRARIES})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# CMake would ask this machine's h5cc, which answers with this machine's libraries.
set(CMAKE_DISABLE_FIND_PACKAGE_HDF5 TRUE)

set(midge_target_folder "${MIDGE_TARGET_LIBRARIES}/usr/lib/${MIDGE_LIBRARY_FOLDER}")
set(ENV{PKG_CONFIG_LIBDIR} "${midge_target_folder}/pkgconfig")
set(ENV{PKG_CONFIG_SYSROOT_DIR} "${MIDGE_TARGET_LIBRARIES}")
string(APPEND CMAKE_C_FLAGS_INIT
       " -isystem ${MIDGE_TARGET_LIBRARIES}/usr/include/${MIDGE_LIBRARY_FOLDER}")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,-rpath-link,${midge_target_folder}")
set(CMAKE_CROSSCOMPILING_EMULATOR
    "${MIDGE_EMULATOR};-L;/usr/${MIDGE_TRIPLE};-E;LD_LIBRARY_PATH=${midge_target_folder}")
