// Compares a text with a file of the tree; with UPDATE_GOLDEN=1 in the environment, writes it.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace seendr::test {

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

inline void expect_file(const std::string& path, const std::string& text) {
  if (std::getenv("UPDATE_GOLDEN")) std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(read_file(path), text) << path << " is out of date; UPDATE_GOLDEN=1 writes it";
}

}  // namespace seendr::test
