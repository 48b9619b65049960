#include "base/log.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seendr {
namespace {

using testing::HasSubstr;

template <class F>
std::string logged(F write) {
  testing::internal::CaptureStderr();
  write();
  return testing::internal::GetCapturedStderr();
}

TEST(Logger, WritesOneLineOfTheEventAndItsFields) {
  const std::string line = logged([] {
    const Logger log(LogFormat::human, LogLevel::info);
    log.info("room_closed", "reason", "left", "lived_ms", 12, "clean", true);
  });

  EXPECT_THAT(line, HasSubstr("room_closed reason=left lived_ms=12 clean=true\n"));
  EXPECT_THAT(line, HasSubstr("info"));
}

TEST(Logger, CarriesTheFieldsItWasGiven) {
  const std::string line = logged([] {
    const Logger log =
        Logger(LogFormat::human, LogLevel::info).with("room", "r1").with("user", "7");
    log.warn("late");
  });

  EXPECT_THAT(line, HasSubstr("late room=r1 user=7\n"));
}

TEST(Logger, LeavesTheOneItCameFromAlone) {
  const std::string line = logged([] {
    const Logger log(LogFormat::human, LogLevel::info);
    const Logger with_room = log.with("room", "r1");
    log.info("plain");
  });

  EXPECT_THAT(line, HasSubstr("plain\n"));
}

TEST(Logger, LeavesOutWhatIsBelowItsLevel) {
  const std::string text = logged([] {
    const Logger log(LogFormat::human, LogLevel::warn);
    log.debug("one");
    log.info("two");
    log.warn("three");
    log.error("four");
  });

  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_THAT(text, HasSubstr("three"));
  EXPECT_THAT(text, HasSubstr("four"));
}

TEST(Logger, SaysNothingWhenItIsSilent) {
  EXPECT_EQ(logged([] { Logger::silent().error("disaster"); }), "");
}

TEST(Logger, QuotesValuesThatWouldBreakTheLine) {
  const std::string line = logged([] {
    const Logger log(LogFormat::human, LogLevel::info);
    log.info("e", "a", "two words", "b", "x=y\n", "c", "");
  });

  EXPECT_THAT(line, HasSubstr(R"(e a="two words" b="x=y\n" c="")"));
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
}

TEST(Logger, WritesJsonThatAProgramCanRead) {
  const std::string line = logged([] {
    const Logger log = Logger(LogFormat::json, LogLevel::info).with("room", "r1");
    log.error("failed", "why", "a \"quote\"\n");
  });

  const auto value = boost::json::parse(line).as_object();
  EXPECT_EQ(value.at("level"), "error");
  EXPECT_EQ(value.at("event"), "failed");
  EXPECT_EQ(value.at("room"), "r1");
  EXPECT_EQ(value.at("why"), "a \"quote\"\n");
  EXPECT_EQ(value.at("time").as_string().size(), 24U);  // 2026-01-01T00:00:00.000Z
}

}  // namespace
}  // namespace seendr
