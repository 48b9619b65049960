// What each fuzz target uses: the bytes as text, and a check that stops the program.
//
// A target is one function, LLVMFuzzerTestOneInput. `./dev fuzz` runs it under libFuzzer; every
// build replays corpus/<target>/ through it as a test, so what was found once is kept there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace seendr::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace seendr::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
