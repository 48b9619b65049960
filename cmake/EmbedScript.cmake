# Writes one script as a C++ header. Run with cmake -P; see seendr_embed_script().
file(READ ${IN} text)
get_filename_component(script ${IN} NAME)
get_filename_component(stem ${IN} NAME_WE)
get_filename_component(extension ${IN} LAST_EXT)
set(language_.lua Lua)
set(language_.py Python)
set(language ${language_${extension}})
string(REPLACE "_" ";" words ${stem})
set(name "k")
foreach(word IN LISTS words)
  string(SUBSTRING ${word} 0 1 head)
  string(SUBSTRING ${word} 1 -1 tail)
  string(TOUPPER ${head} head)
  string(APPEND name ${head}${tail})
endforeach()
file(WRITE ${OUT} "// Generated from ${MODULE}/${script}; edit that file.
#pragma once

#include <string_view>

namespace seendr::${MODULE} {
inline constexpr std::string_view ${name}${language} = R\"script(${text})script\";
}  // namespace seendr::${MODULE}
")
