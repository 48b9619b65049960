#include "cache/typed.hpp"

#include <map>
#include <vector>

#include <gtest/gtest.h>

namespace seendr::cache {
namespace {

struct Point {
  int x = 0;
  std::string label;
  bool operator==(const Point&) const = default;
};

void tag_invoke(json::value_from_tag, json::value& out, const Point& point) {
  out = {{"x", point.x}, {"label", point.label}};
}

Point tag_invoke(json::value_to_tag<Point>, const json::value& in) {
  const json::object& object = in.as_object();
  return Point{json::value_to<int>(object.at("x")),
               json::value_to<std::string>(object.at("label"))};
}

template <class T>
void expect_round_trip(const T& value, const std::string& text) {
  EXPECT_EQ(Typed<T>::encode(value), text);
  EXPECT_EQ(Typed<T>::decode(text), std::optional<T>(value));
}

TEST(Typed, WritesIntegersAsDigitsAndEverythingElseAsJson) {
  expect_round_trip<int>(-7, "-7");
  expect_round_trip<std::uint64_t>(18'446'744'073'709'551'615U, "18446744073709551615");
  expect_round_trip<bool>(true, "true");
  expect_round_trip<std::string>("a\"b", "\"a\\\"b\"");
  expect_round_trip<std::vector<int>>({1, 2}, "[1,2]");
  expect_round_trip<std::map<std::string, std::string>>({{"a", "b"}}, "{\"a\":\"b\"}");
  expect_round_trip<Point>({3, "here"}, "{\"x\":3,\"label\":\"here\"}");
  expect_round_trip<json::value>(json::array{1, nullptr}, "[1,null]");
}

TEST(Typed, LeavesRawBytesAlone) {
  const Raw raw{std::string("\x00\xff\"", 3)};

  EXPECT_EQ(Typed<Raw>::encode(raw), raw.bytes);
  EXPECT_EQ(Typed<Raw>::decode(raw.bytes), raw);
  EXPECT_EQ(Typed<Raw>::kForm, Form::raw);
}

TEST(Typed, KnowsAbsenceAsAValue) {
  using Maybe = std::optional<std::string>;

  EXPECT_EQ(Typed<Maybe>::encode(std::nullopt), "null");
  EXPECT_TRUE(Typed<Maybe>::is_absent(std::nullopt));
  EXPECT_FALSE(Typed<Maybe>::is_absent("x"));
  const std::optional<Maybe> nothing = Typed<Maybe>::decode("null");
  ASSERT_TRUE(nothing.has_value());
  EXPECT_FALSE(nothing->has_value());
  EXPECT_EQ(Typed<Maybe>::decode("\"x\"").value(), Maybe("x"));
}

TEST(Typed, RefusesWhatIsOfAnotherType) {
  EXPECT_EQ(Typed<int>::decode("1.5"), std::nullopt);
  EXPECT_EQ(Typed<int>::decode("99999999999"), std::nullopt);
  EXPECT_EQ(Typed<unsigned>::decode("-1"), std::nullopt);
  EXPECT_EQ(Typed<std::string>::decode("5"), std::nullopt);
  EXPECT_EQ(Typed<std::string>::decode("\"cut"), std::nullopt);
  EXPECT_EQ(Typed<std::string>::decode("NaN"), std::nullopt);
  EXPECT_EQ(Typed<Point>::decode("{\"x\":3}"), std::nullopt);
  EXPECT_FALSE(readable_as<Point>("[]"));
  EXPECT_TRUE(readable_as<Point>("{\"x\":3,\"label\":\"\"}"));
}

}  // namespace
}  // namespace seendr::cache
