# Writes the files of a folder as one C++ source. Run with cmake -P; needs FOLDER and OUT.
file(GLOB files ${FOLDER}/[0-9][0-9][0-9][0-9]_*.sql)
list(SORT files)
set(text "// Generated from migrations/; edit those files.
#include \"postgres/migrations.hpp\"

namespace seendr::postgres {

std::span<const Migration> embedded_migrations() {
  static constexpr Migration kMigrations[] = {
")
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME)
  string(REGEX REPLACE "^0*([0-9]+)_.*" "\\1" version ${name})
  file(READ ${file} sql)
  string(APPEND text "{${version}, \"${name}\", R\"seendr(${sql})seendr\"},\n")
endforeach()
string(APPEND text "};
  return kMigrations;
}

}  // namespace seendr::postgres
")
file(WRITE ${OUT} "${text}")
