# SPDX-License-Identifier: Apache-2.0
# Turns the built-in model, its labels and its sample pictures into a C file, see cli/embedded.h.

function(embed_file path name arrays_variable rows_variable)
  file(READ ${path} hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(MAKE_C_IDENTIFIER "embedded_${name}" symbol)
  set(${arrays_variable} "${${arrays_variable}}static const _Alignas(16) unsigned char ${symbol}[] = {${bytes}0};\n"
      PARENT_SCOPE)
  set(${rows_variable} "${${rows_variable}}    {\"${name}\", ${symbol}, ${size}},\n" PARENT_SCOPE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
endfunction()

function(embed_model output)
  set(folder ${CMAKE_SOURCE_DIR}/models)
  file(GLOB pictures RELATIVE ${folder} CONFIGURE_DEPENDS ${folder}/pictures/*.png)
  set(arrays "")
  set(rows "")
  foreach(name IN ITEMS fashion_mnist_int8.tflite fashion_mnist_labels.txt ${pictures})
    embed_file(${folder}/${name} ${name} arrays rows)
  endforeach()
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT
"/* Made by cmake/embed.cmake. */
#include \"embedded.h\"

${arrays}
const embedded_file embedded_files[] = {
${rows}};

const size_t embedded_file_count = sizeof embedded_files / sizeof embedded_files[0];
")
endfunction()
