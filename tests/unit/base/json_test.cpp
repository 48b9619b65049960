#include "base/json.hpp"

#include <gtest/gtest.h>

namespace seendr::json {
namespace {

object parsed(std::string_view text) {
  return parse_object(text).value();
}

TEST(ParseObject, TakesOneObjectAndNothingElse) {
  EXPECT_TRUE(parse_object("{}"));
  EXPECT_TRUE(parse_object(" {\"a\": [1, null]} "));
  for (const char* text : {"", "null", "[]", "1", "\"a\"", "{", "{}{}", "{} x", "{'a': 1}",
                           "{\"a\": NaN}", "{\"a\": 1,}", "{/**/}"}) {
    EXPECT_FALSE(parse_object(text)) << text;
  }
}

TEST(ParseObject, RefusesTextThatIsNotUtf8) {
  EXPECT_TRUE(parse_object("{\"a\": \"\xC3\xA9\"}"));
  EXPECT_FALSE(parse_object("{\"a\": \"\xC3\"}"));
  EXPECT_FALSE(parse_object("{\"a\": \"\xFF\"}"));
  EXPECT_FALSE(parse_object("{\"a\": \"\xED\xA0\x80\"}"));  // A surrogate.
}

TEST(ParseObject, RefusesWhatIsNestedTooDeeply) {
  const auto nested = [](int depth) {
    return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };

  EXPECT_TRUE(parse_object(nested(31)));
  EXPECT_FALSE(parse_object(nested(32)));
  EXPECT_FALSE(parse_object(nested(100'000)));
}

TEST(Reader, ReadsEachKindOfField) {
  const object body =
      parsed(R"({"name": "Ada", "adult": true, "age": 36, "tags": ["a", "b"], "kind": "x"})");
  Reader reader(body);

  EXPECT_EQ(reader.text("name"), "Ada");
  EXPECT_TRUE(reader.boolean("adult", false));
  EXPECT_EQ(reader.integer("age"), 36);
  EXPECT_EQ(reader.texts("tags"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(reader.one_of("kind", {"x", "y"}, "y"), "x");
  EXPECT_TRUE(reader.ok());
}

TEST(Reader, TakesAbsentAndNullForOptionalFields) {
  const object body = parsed(R"({"name": null})");
  Reader reader(body);

  EXPECT_EQ(reader.text("name", {.optional = true}), "");
  EXPECT_EQ(reader.text("other", {.optional = true}), "");
  EXPECT_TRUE(reader.boolean("adult", true));
  EXPECT_EQ(reader.integer("age", {.optional = true, .fallback = 7}), 7);
  EXPECT_TRUE(reader.texts("tags", {.optional = true}).empty());
  EXPECT_EQ(reader.one_of("kind", {"x", "y"}, "y"), "y");
  EXPECT_FALSE(reader.has("name"));
  EXPECT_TRUE(reader.ok());
}

std::string problem(std::string_view text, const std::function<void(Reader&)>& read) {
  const object body = parsed(text);
  Reader reader(body);
  read(reader);
  EXPECT_FALSE(reader.ok());
  return reader.problem();
}

TEST(Reader, NamesTheFieldAndWhatIsWrongWithIt) {
  EXPECT_EQ(problem("{}", [](Reader& r) { r.text("a"); }), "a: is required");
  EXPECT_EQ(problem(R"({"a":1})", [](Reader& r) { r.text("a"); }), "a: must be a string");
  EXPECT_EQ(problem(R"({"a":"xyz"})", [](Reader& r) { r.text("a", {.max = 2}); }),
            "a: must have at most 2 characters");
  EXPECT_EQ(problem(R"({"a":""})", [](Reader& r) { r.text("a", {.min = 1}); }),
            "a: must have at least 1 characters");
  EXPECT_EQ(problem(R"({"a":"z"})",
                    [](Reader& r) {
                      r.one_of("a", {"x", "y"}, "x");
                    }),
            "a: must be one of x y");
  EXPECT_EQ(problem(R"({"a":1})", [](Reader& r) { r.boolean("a", false); }),
            "a: must be true or false");
  EXPECT_EQ(problem(R"({"a":11})", [](Reader& r) { r.integer("a", {.min = 1, .max = 10}); }),
            "a: must be from 1 to 10");
  EXPECT_EQ(problem(R"({"a":"b"})", [](Reader& r) { r.texts("a"); }),
            "a: must be a list of strings");
  EXPECT_EQ(problem(R"({"a":["b",1]})", [](Reader& r) { r.texts("a"); }), "a[1]: must be a string");
  EXPECT_EQ(problem(R"({"a":["b","c"]})", [](Reader& r) { r.texts("a", {.max = 1}); }),
            "a: must have at most 1 items");
  EXPECT_EQ(problem(R"({"a":[""]})", [](Reader& r) { r.texts("a"); }),
            "a[0]: must have 1 to 64 characters");
  EXPECT_EQ(problem(R"({"a":"b\u0000c"})", [](Reader& r) { r.text("a"); }),
            "a: must not contain U+0000");
  EXPECT_EQ(problem(R"({"a":["b","c\u0000"]})", [](Reader& r) { r.texts("a"); }),
            "a[1]: must not contain U+0000");
}

TEST(Reader, TakesOnlyWholeNumbersForIntegers) {
  for (const char* text : {R"({"a":1.5})", R"({"a":"1"})", R"({"a":1e300})", R"({"a":true})",
                           R"({"a":9223372036854775808})"}) {
    EXPECT_EQ(problem(text, [](Reader& r) { r.integer("a"); }), "a: must be a whole number")
        << text;
  }
}

TEST(Reader, KeepsTheFirstProblemAndReturnsEmptyValuesAfterIt) {
  const object body = parsed(R"({"a": 1, "b": "text"})");
  Reader reader(body);

  reader.text("a");
  EXPECT_EQ(reader.text("b"), "");
  reader.reject("b", "unknown");

  EXPECT_EQ(reader.problem(), "a: must be a string");
}

TEST(Reader, PutsThePathBeforeTheField) {
  const object body;
  Reader reader(body, "profile");

  reader.text("name");

  EXPECT_EQ(reader.problem(), "profile.name: is required");
}

TEST(Length, CountsCodePoints) {
  EXPECT_EQ(length(""), 0U);
  EXPECT_EQ(length("abc"), 3U);
  EXPECT_EQ(length("\xC3\xA9t\xC3\xA9"), 3U);
  EXPECT_EQ(length("\xF0\x9F\x8E\xB8"), 1U);
}

}  // namespace
}  // namespace seendr::json
