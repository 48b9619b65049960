#include "tasks/iso_time.hpp"

#include <gtest/gtest.h>

namespace seendr::tasks {
namespace {

using namespace std::chrono_literals;

// 2026-11-23T04:01:01.481332Z
const Time kInstant = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 23)) + 4h + 1min +
                      1s + std::chrono::microseconds(481332);

TEST(IsoTime, ReadsEveryFormThatCeleryWrites) {
  for (const char* text : {
           "2026-11-23T04:01:01.481332+00:00",
           "2026-11-23T04:01:01.481332Z",
           "2026-11-23T04:01:01.481332",
           "2026-11-23 04:01:01.481332",
           "2026-11-23T06:01:01.481332+02:00",
           "2026-11-22T23:31:01.4813329-0430",
       }) {
    EXPECT_EQ(from_iso(text), kInstant) << text;
  }
}

TEST(IsoTime, AFractionMayBeShortOrAbsent) {
  const Time whole = std::chrono::floor<std::chrono::seconds>(kInstant);

  EXPECT_EQ(from_iso("2026-11-23T04:01:01Z"), whole);
  EXPECT_EQ(from_iso("2026-11-23T04:01:01.5Z"), whole + 500ms);
}

TEST(IsoTime, WritesWhatItReads) {
  EXPECT_EQ(to_iso(kInstant), "2026-11-23T04:01:01.481332+00:00");
  EXPECT_EQ(to_iso(std::chrono::floor<std::chrono::seconds>(kInstant)),
            "2026-11-23T04:01:01+00:00");
  EXPECT_EQ(from_iso(to_iso(kInstant)), kInstant);
}

TEST(IsoTime, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "tomorrow", "2026-11-23", "2026-13-01T00:00:00", "2026-02-30T00:00:00",
        "2026-11-23T24:00:00", "2026-11-23T04:01:01.", "2026-11-23T04:01:01+2",
        "2026-11-23T04:01:01Zx", "1969-01-01T00:00:00", "2026-11-23T04:01"}) {
    EXPECT_EQ(from_iso(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace seendr::tasks
