#include "tasks/json_text.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace seendr::tasks {
namespace {

TEST(TaskJson, ReadsWhatIsJsonInUtf8AndNotTooDeep) {
  const auto nested = [](int depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };

  EXPECT_EQ(read_json("[1]"), json::value(json::array{1}));
  EXPECT_TRUE(read_json(nested(64)));
  EXPECT_FALSE(read_json(nested(65)));
  EXPECT_FALSE(read_json("[1"));
  EXPECT_FALSE(read_json("\"caf\xE9\""));
  EXPECT_FALSE(read_json("[NaN]"));
}

TEST(TaskJson, WritesUtf8WhateverATextHolds) {
  EXPECT_EQ(write_json(json::array{"Gr\xC3\xBC\xC3\x9F"}), "[\"Gr\xC3\xBC\xC3\x9F\"]");
  EXPECT_EQ(write_json(json::object({{"\xE9", "a\xE2\x82"}})),
            "{\"\xEF\xBF\xBD\":\"a\xEF\xBF\xBD\xEF\xBF\xBD\"}");
}

TEST(TaskJson, WritesNullForWhatIsNoNumber) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const json::value odd = {nan, {{"a", -infinity}, {"b", json::array({0.5, infinity})}}, "NaN"};

  EXPECT_EQ(write_json(odd), R"([null,{"a":null,"b":[5E-1,null]},"NaN"])");
}

TEST(TaskJson, IsCutForPeopleBetweenCharacters) {
  std::string umlauts;
  for (int i = 0; i < 600; ++i) umlauts += "\xC3\xBC";

  const std::string even = display(json::value(umlauts));
  const std::string odd = display(json::value("x" + umlauts));

  EXPECT_EQ(even.size(), 1024U);
  EXPECT_EQ(odd.size(), 1023U);
  EXPECT_TRUE(odd.ends_with("\xC3\xBC..."));
  EXPECT_EQ(display(json::array{1}), "[1]");
}

TEST(TaskJson, TakesTheTagsOfNewerKombuAway) {
  const json::value tagged = json::parse(R"({
      "datetime": {"__type__": "datetime", "__value__": "2024-01-02T03:04:05"},
      "date": {"__type__": "date", "__value__": "2024-01-02"},
      "time": {"__type__": "time", "__value__": "03:04:05"},
      "decimal": {"__type__": "decimal", "__value__": "1.10"},
      "bytes": {"__type__": "bytes", "__value__": "text"},
      "base64": {"__type__": "base64", "__value__": "/w=="},
      "uuid": {"__type__": "uuid", "__value__": {"hex": "c1eba7a609b0415087932acd988a93df"}},
      "uuid of 5.4": [{"__type__": "uuid", "__value__": {"hex": "c1eba7a609b0415087932acd988a93df", "version": 4}}],
      "no tags": [{"__value__": 1}, {"__type__": "x", "__value__": 1, "more": 2}]})");

  const json::object plain = untagged(tagged).as_object();

  EXPECT_EQ(plain.at("datetime"), "2024-01-02T03:04:05");
  EXPECT_EQ(plain.at("date"), "2024-01-02");
  EXPECT_EQ(plain.at("time"), "03:04:05");
  EXPECT_EQ(plain.at("decimal"), "1.10");
  EXPECT_EQ(plain.at("bytes"), "text");
  EXPECT_EQ(plain.at("base64"), "/w==");
  EXPECT_EQ(plain.at("uuid"), "c1eba7a6-09b0-4150-8793-2acd988a93df");
  EXPECT_EQ(plain.at("uuid of 5.4").at(0), "c1eba7a6-09b0-4150-8793-2acd988a93df");
  EXPECT_EQ(plain.at("no tags"), tagged.at("no tags"));
}

}  // namespace
}  // namespace seendr::tasks
