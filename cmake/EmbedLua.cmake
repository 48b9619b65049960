# Writes one Lua script as a C++ header. Run with cmake -P; see seendr_embed_lua().
file(READ ${IN} text)
string(REPLACE "_" ";" words ${STEM})
set(name "k")
foreach(word IN LISTS words)
  string(SUBSTRING ${word} 0 1 head)
  string(SUBSTRING ${word} 1 -1 tail)
  string(TOUPPER ${head} head)
  string(APPEND name ${head}${tail})
endforeach()
file(WRITE ${OUT} "// Generated from ${MODULE}/${STEM}.lua; edit that file.
#pragma once

#include <string_view>

namespace seendr::${MODULE} {
inline constexpr std::string_view ${name}Lua = R\"lua(${text})lua\";
}  // namespace seendr::${MODULE}
")
