// `seendr bench http`, each measurement a moment long.
#include <cstdio>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace seendr::lab {
namespace {

TEST(BenchHttp, MeasuresEachKindOfAnswer) {
  const std::string command =
      std::string(SEENDR_BINARY) + " bench http --seconds 0.05 --connections 2 --json";
  std::FILE* pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string text;
  char buffer[4096];
  while (std::fgets(buffer, sizeof buffer, pipe)) text += buffer;
  EXPECT_EQ(pclose(pipe), 0);

  std::map<std::string, double> measured;
  std::istringstream printed(text);
  for (std::string line; std::getline(printed, line);) {
    const json::object object = json::parse(line).as_object();
    measured[std::string(object.at("name").as_string())] = object.at("value").as_double();
  }
  for (const char* what : {"health", "page", "profile", "profile_signed_in"}) {
    const std::string name = std::string("http.") + what + ".2";
    EXPECT_GT(measured[name + ".per_s"], 0) << text;
    EXPECT_GT(measured[name + ".p99"], 0) << text;
  }
  EXPECT_EQ(measured.size(), 8U);
}

}  // namespace
}  // namespace seendr::lab
