#include "match/log_event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seendr::match {
namespace {

using ::testing::ElementsAre;

constexpr LogId kId{5, 12};

TEST(LogEvent, EveryEventReadsBackAsItWasWritten) {
  const std::vector<std::string> texts = {
      "J|11|inst|3|1700000000000|lang=en;reg=;want=;region=prefer;mode=video;age=adult;pol=prefer;"
      "min=1;act=1|4,7",
      "H|11|5-3",
      "U|11|5-3",
      "L|11|5-3|instance_dead",
      "C|room.all|11|12|one|two|chess,music",
      "C|room.all|11|12|one|two|",
      "E|room.all|11|12|no_show",
      "S|11|room.all|12|5-9|chess",
      "B|one|1700000000123",
      "K|11|12",
      "R|abcdef|4-77",
  };
  for (const std::string& text : texts) {
    const auto event = parse_event(kId, text);
    ASSERT_TRUE(event) << text;
    EXPECT_EQ(encode(*event), text);
  }
}

TEST(LogEvent, ATicketTakesItsVersionFromTheEntry) {
  const auto event = parse_event(kId, "J|11|inst|3|17|lang=en;age=adult|4,7");

  const Ticket& ticket = std::get<event::Joined>(event.value()).ticket;
  EXPECT_EQ(ticket.version, kId);
  EXPECT_EQ(ticket.user, UserId{11});
  EXPECT_EQ(ticket.instance, "inst");
  EXPECT_EQ(ticket.session, 3u);
  EXPECT_EQ(ticket.t0_ms, 17);
  EXPECT_THAT(ticket.attributes.languages, ElementsAre("en"));
  EXPECT_THAT(ticket.interests, ElementsAre(4u, 7u));
}

TEST(LogEvent, ATicketThatCannotBeReadFitsNobody) {
  const auto event = parse_event(kId, "J|11|inst|3|17|nonsense|4,x");

  const Ticket& ticket = std::get<event::Joined>(event.value()).ticket;
  EXPECT_TRUE(ticket.attributes.languages.empty());
  EXPECT_TRUE(ticket.interests.empty());
}

TEST(LogEvent, MalformedEntriesAreRefused) {
  const std::vector<std::string> texts = {
      "",          "J",        "X|1|2",          "H|11",           "H|11|5-3|more",
      "H|0|5-3",   "H|11|5",   "B|one|soon",     "B|one|",         "C|room|11|12|one|two",
      "K|11|-12",  "L|11|5-3", "R|abc|top",      "HH|11|5-3",      "E|room|11|x|left",
      "J|11|i|3|", "|11|5-3",  "J|11|i|-3|1|a|", "S|1|r|2|x|chess"};
  for (const std::string& text : texts) EXPECT_FALSE(parse_event(kId, text)) << text;
}

TEST(LogEvent, UnknownReasonsOfLaterVersionsMeanGone) {
  const auto event = parse_event(kId, "E|room|11|12|bored");
  EXPECT_EQ(std::get<event::Ended>(event.value()).reason, CloseReason::gone);
}

TEST(LogEvent, SplitKeepsEmptyFields) {
  EXPECT_THAT(split("a||b|", '|'), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(split("", '|'), ElementsAre(""));
}

}  // namespace
}  // namespace seendr::match
