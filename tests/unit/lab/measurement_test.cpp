#include "lab/measurement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.hpp"

namespace seendr::lab {
namespace {

using testing::HasSubstr;

Measurement measured() {
  return Measurement{
      "redis.get.50.per_s",
      90'000,
      "1/s",
      {{"redis-benchmark", 100'000, ""}, {"django-redis", std::nullopt, "no module"}}};
}

TEST(MeasurementTest, IsARowForPeopleWithHowManyTimesAsMuchOursIs) {
  const std::string text = row(measured());

  EXPECT_THAT(text, HasSubstr("redis.get.50.per_s"));
  EXPECT_THAT(text, HasSubstr("90000 1/s   redis-benchmark 100000 (0.90x)"));
  EXPECT_THAT(text, HasSubstr("django-redis missing: no module\n"));
}

TEST(MeasurementTest, IsAJsonObjectForPrograms) {
  const std::string text = json_line(measured());

  const json::object object = json::parse(text).as_object();
  EXPECT_EQ(object.at("name").as_string(), "redis.get.50.per_s");
  EXPECT_EQ(object.at("value").as_double(), 90'000);
  EXPECT_EQ(object.at("unit").as_string(), "1/s");
  const json::object& against = object.at("against").as_object();
  EXPECT_DOUBLE_EQ(against.at("redis-benchmark").at("ratio").as_double(), 0.9);
  EXPECT_EQ(against.at("django-redis").at("missing").as_string(), "no module");
  EXPECT_EQ(text.back(), '\n');
}

}  // namespace
}  // namespace seendr::lab
