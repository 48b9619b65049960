#include "tasks/crontab.hpp"

#include <gtest/gtest.h>

#include "base/env.hpp"

namespace seendr::tasks {
namespace {

using std::chrono::days;
using std::chrono::minutes;

LocalMinute at(int year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  return std::chrono::local_days(date) + minutes(60 * hour + minute);
}

Crontab crontab_of(std::string_view text) {
  return Crontab::parse(text).value();
}

std::string refusal_of(std::string_view text) {
  const auto crontab = Crontab::parse(text);
  if (crontab.has_value()) return "";
  return std::to_string(crontab.error().position) + ": " + crontab.error().reason;
}

// Whether both fire at the same minutes of two years that begin on a Thursday and have no
// surprises.
bool same(std::string_view a, std::string_view b) {
  const Crontab one = crontab_of(a);
  const Crontab other = crontab_of(b);
  LocalMinute time = at(2026, 1, 1);
  for (int i = 0; i < 500; ++i) {
    if (one.next_after(time) != other.next_after(time)) return false;
    time = one.next_after(time);
  }
  return true;
}

TEST(Crontab, FindsTheNextTimeThatFitsEveryField) {
  const LocalMinute new_year = at(2026, 1, 1);  // A Thursday.
  EXPECT_EQ(crontab_of("* * * * *").next_after(new_year), at(2026, 1, 1, 0, 1));
  EXPECT_EQ(crontab_of("0 0 * * *").next_after(new_year), at(2026, 1, 2));
  EXPECT_EQ(crontab_of("30 7 * * *").next_after(new_year), at(2026, 1, 1, 7, 30));
  EXPECT_EQ(crontab_of("30 7 * * 0").next_after(new_year), at(2026, 1, 4, 7, 30));
  EXPECT_EQ(crontab_of("0 12 31 * *").next_after(at(2026, 3, 31, 12)), at(2026, 5, 31, 12));
  EXPECT_EQ(crontab_of("59 23 31 12 *").next_after(at(2026, 12, 31, 23, 59)),
            at(2027, 12, 31, 23, 59));
  EXPECT_EQ(crontab_of("0 0 29 2 *").next_after(at(2096, 2, 29)), at(2104, 2, 29));
}

TEST(Crontab, FindsTheLastTimeWithoutLeavingOutTheMinuteItself) {
  EXPECT_EQ(crontab_of("30 7 * * *").last_until(at(2026, 1, 2, 7, 30)), at(2026, 1, 2, 7, 30));
  EXPECT_EQ(crontab_of("30 7 * * *").last_until(at(2026, 1, 2, 7, 29)), at(2026, 1, 1, 7, 30));
  EXPECT_EQ(crontab_of("*/20 7 * * *").last_until(at(2026, 1, 2)), at(2026, 1, 1, 7, 40));
  EXPECT_EQ(crontab_of("59 23 31 12 *").last_until(at(2026, 1, 1)), at(2025, 12, 31, 23, 59));
  EXPECT_EQ(crontab_of("0 0 29 2 *").last_until(at(2104, 2, 28)), at(2096, 2, 29));
}

TEST(Crontab, DayOfMonthAndDayOfWeekMustBothFit) {
  const Crontab friday_13 = crontab_of("0 0 13 * fri");
  EXPECT_EQ(friday_13.next_after(at(2026, 1, 1)), at(2026, 2, 13));
  EXPECT_EQ(friday_13.next_after(at(2026, 2, 13)), at(2026, 3, 13));
  EXPECT_EQ(friday_13.next_after(at(2026, 3, 13)), at(2026, 11, 13));

  // The longest pause there can be: 2100 is no leap year.
  const Crontab monday_29 = crontab_of("0 0 29 2 mon");
  EXPECT_EQ(monday_29.next_after(at(2072, 2, 29)), at(2112, 2, 29));
}

TEST(Crontab, ReadsListsRangesStepsAndNames) {
  EXPECT_TRUE(same("*/15 * * * *", "0,15,30,45 * * * *"));
  EXPECT_TRUE(same("*/40 * * * *", "0,40 * * * *"));
  EXPECT_TRUE(same("5-17/6 * * * *", "5,11,17 * * * *"));
  EXPECT_TRUE(same("0 8-10,20 * * *", "0 8,9,10,20 * * *"));
  EXPECT_TRUE(same("0 0 * * mon-fri", "0 0 * * 1,2,3,4,5"));
  EXPECT_TRUE(same("0 0 1 Jan,apr,JULY,october *", "0 0 1 1-12/3 *"));
  EXPECT_TRUE(same("0 0 */10 * *", "0 0 1,11,21,31 * *"));
  EXPECT_TRUE(same("  0\t0  * *  wednesday ", "0 0 * * 3"));
  EXPECT_FALSE(same("0 0 * * 3", "0 0 * * 4"));
}

TEST(Crontab, ARangeMayGoOverTheEnd) {
  EXPECT_TRUE(same("0 22-4 * * *", "0 22,23,0,1,2,3,4 * * *"));
  EXPECT_TRUE(same("0 22-4/2 * * *", "0 22,0,2,4 * * *"));
  EXPECT_TRUE(same("0 0 * * fri-mon", "0 0 * * 5,6,0,1"));
  EXPECT_TRUE(same("0 0 1 nov-feb *", "0 0 1 11,12,1,2 *"));
}

TEST(Crontab, SaysWhatItRefusesAndWhere) {
  EXPECT_EQ(refusal_of(""), "0: the minute is missing");
  EXPECT_EQ(refusal_of("0 0 * *"), "7: the day of the week is missing");
  EXPECT_EQ(refusal_of("0 0 * * * 2026"), "10: there are more than five fields");
  EXPECT_EQ(refusal_of("60 0 * * *"), "0: the minute is from 0 to 59");
  EXPECT_EQ(refusal_of("0 24 * * *"), "2: the hour is from 0 to 23");
  EXPECT_EQ(refusal_of("0 0 0 * *"), "4: the day of the month is from 1 to 31");
  EXPECT_EQ(refusal_of("0 0 * 1,13 *"), "8: the month is from 1 to 12");
  EXPECT_EQ(refusal_of("0 0 * * 7"), "8: the day of the week is from 0 to 6");
  EXPECT_EQ(refusal_of("0 0 * feb-foo *"), "10: \"foo\" is no month");
  EXPECT_EQ(refusal_of("0 0 * monday *"), "6: \"monday\" is no month");
  EXPECT_EQ(refusal_of("jan 0 * * *"), "0: \"jan\" is no minute");
  EXPECT_EQ(refusal_of("1,,2 * * * *"), "2: a value should be here");
  EXPECT_EQ(refusal_of("1- * * * *"), "2: a value should be here");
  EXPECT_EQ(refusal_of("-1 * * * *"), "0: a value should be here");
  EXPECT_EQ(refusal_of("*/ * * * *"), "2: a step should be here");
  EXPECT_EQ(refusal_of("*/0 * * * *"), "2: a step is at least 1");
  EXPECT_EQ(refusal_of("5/10 * * * *"), "0: only '*' and a range have a step");
  EXPECT_EQ(refusal_of("*5 * * * *"), "1: ',' or a space should be here");
  EXPECT_EQ(refusal_of("1..5 * * * *"), "1: ',' or a space should be here");
  EXPECT_EQ(refusal_of("99999999999 * * * *"), "0: this number is too large");
  EXPECT_EQ(refusal_of(std::string(1001, ' ')), "1000: the text is too long");
}

TEST(Crontab, RefusesADayThatNeverComes) {
  EXPECT_EQ(refusal_of("0 0 31 2 *"), "4: none of these months has such a day");
  EXPECT_EQ(refusal_of("0 0 30-31 feb *"), "4: none of these months has such a day");
  EXPECT_EQ(refusal_of("0 0 31 feb,apr,jun,sep,nov *"), "4: none of these months has such a day");
  EXPECT_EQ(refusal_of("0 0 30,31 2,4 *"), "");
  EXPECT_EQ(refusal_of("0 0 29 2 *"), "");
}

// Fields of one to three values, and every minute of some weeks asked in turn.
TEST(Crontab, AgreesWithGoingThroughTheMinutes) {
  SeededRandom random(7);
  const auto list = [&](std::uint64_t first, std::uint64_t count) {
    std::string text;
    for (std::uint64_t i = random.below(3) + 1; i > 0; --i) {
      text += std::to_string(first + random.below(count)) + (i > 1 ? "," : "");
    }
    return random.below(2) == 0 ? "*" : text;
  };
  for (int round = 0; round < 15; ++round) {
    const std::string minute = list(0, 60);
    const std::string hour = list(0, 24);
    const std::string day = list(1, 28);
    const std::string weekday = list(0, 7);
    const Crontab crontab = crontab_of(minute + " " + hour + " " + day + " * " + weekday);
    const auto fits = [](const std::string& field, unsigned value) {
      return field == "*" ||
             ("," + field + ",").find("," + std::to_string(value) + ",") != std::string::npos;
    };

    const LocalMinute begin = at(2026, 2, 1);
    std::optional<LocalMinute> last;
    for (LocalMinute time = begin; time < begin + days(40); time += minutes(1)) {
      const auto today = std::chrono::floor<days>(time);
      const auto of_day = static_cast<unsigned>((time - today).count());
      const std::chrono::year_month_day date(today);
      if (!fits(minute, of_day % 60) || !fits(hour, of_day / 60) ||
          !fits(day, static_cast<unsigned>(date.day())) ||
          !fits(weekday, std::chrono::weekday(today).c_encoding())) {
        continue;
      }
      const LocalMinute before = last.value_or(begin - minutes(1));
      ASSERT_EQ(crontab.next_after(before), time) << crontab.text();
      ASSERT_EQ(crontab.last_until(time), time) << crontab.text();
      ASSERT_EQ(crontab.last_until(time - minutes(1)),
                last.value_or(crontab.last_until(begin - minutes(1))));
      last = time;
    }
  }
}

TEST(Crontab, KeepsItsText) {
  EXPECT_EQ(crontab_of(" 0  3 * * Mon-Fri").text(), "0 3 * * mon-fri");
}

}  // namespace
}  // namespace seendr::tasks
