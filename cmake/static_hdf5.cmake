# SPDX-License-Identifier: Apache-2.0
# find_static_hdf5(RESULT): the static HDF5 beside the one that find_package found, with what it needs,
# or nothing where programs cannot be linked with it alone. Programs start sooner with it: the shared
# one brings further libraries along, on Debian curl and two for encryption.
include(CheckCSourceCompiles)

function(find_static_hdf5 result)
  find_library(MIDGE_HDF5_ARCHIVE NAMES libhdf5_serial.a libhdf5.a)
  find_library(MIDGE_SZ_ARCHIVE NAMES libsz.a)
  find_library(MIDGE_AEC_ARCHIVE NAMES libaec.a)
  set(${result} "" PARENT_SCOPE)
  if(NOT MIDGE_HDF5_ARCHIVE)
    return()
  endif()
  set(libraries ${MIDGE_HDF5_ARCHIVE})
  foreach(archive IN ITEMS ${MIDGE_SZ_ARCHIVE} ${MIDGE_AEC_ARCHIVE})
    if(archive)
      list(APPEND libraries ${archive})
    endif()
  endforeach()
  list(APPEND libraries z m ${CMAKE_DL_LIBS} Threads::Threads)
  set(CMAKE_REQUIRED_INCLUDES ${HDF5_INCLUDE_DIRS})
  set(CMAKE_REQUIRED_LIBRARIES ${libraries})
  check_c_source_compiles("#include <hdf5.h>
    int main(void)
    {
        hid_t access = H5Pcreate(H5P_FILE_ACCESS);
        if (H5Pset_fapl_core(access, 4096, 0) < 0) return 1;
        hid_t file = H5Fcreate(\"name\", H5F_ACC_TRUNC, H5P_DEFAULT, access);
        return H5Dread(H5Dopen2(file, \"name\", H5P_DEFAULT), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL,
                       H5P_DEFAULT, &file) < 0;
    }" MIDGE_STATIC_HDF5_LINKS)
  if(MIDGE_STATIC_HDF5_LINKS)
    set(${result} ${libraries} PARENT_SCOPE)
  endif()
endfunction()
