#include "match/agenda.hpp"

#include <gtest/gtest.h>

namespace seendr::match {
namespace {

TEST(Agenda, GivesWhatIsDueWhoeverWaitsLongestFirst) {
  Agenda agenda;
  agenda.add({100, 9, UserId{1}, 1});
  agenda.add({100, 5, UserId{2}, 2});
  agenda.add({50, 9, UserId{3}, 3});
  EXPECT_EQ(agenda.next_due(), 50);
  EXPECT_FALSE(agenda.take_due(49));
  EXPECT_EQ(agenda.take_due(100)->user, UserId{3});
  EXPECT_EQ(agenda.take_due(100)->user, UserId{2});
  EXPECT_EQ(agenda.take_due(100)->user, UserId{1});
  EXPECT_FALSE(agenda.next_due());
}

}  // namespace
}  // namespace seendr::match
