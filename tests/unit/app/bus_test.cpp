#include "app/people/bus.hpp"

#include <gtest/gtest.h>

namespace seendr::app::bus {
namespace {

TEST(Bus, MessagesSurviveTheChannelLayer) {
  const SeatAnswer answer{UserId{7}, true, {{"signal", "{}", "f1"}}};
  const auto seat = from_message(to_message(answer));
  ASSERT_TRUE(seat);
  EXPECT_TRUE(std::get<SeatAnswer>(*seat).busy);
  ASSERT_EQ(std::get<SeatAnswer>(*seat).held.size(), 1U);
  EXPECT_EQ(std::get<SeatAnswer>(*seat).held[0].kind, "signal");
  EXPECT_EQ(std::get<SeatAnswer>(*seat).held[0].id, "f1");

  const auto arriving =
      from_message(to_message(Arriving{UserId{7}, "specific.a!b", "token", true}));
  EXPECT_EQ(std::get<Arriving>(*arriving).resume_token, "token");
  EXPECT_TRUE(std::get<Arriving>(*arriving).patient);
  EXPECT_EQ(std::get<Banned>(*from_message(to_message(Banned{UserId{8}}))).user, UserId{8});
  EXPECT_EQ(std::get<Gone>(*from_message(to_message(Gone{UserId{9}}))).user, UserId{9});
  const auto ended = from_message(to_message(SessionEnded{UserId{7}, "hash"}));
  EXPECT_EQ(std::get<SessionEnded>(*ended).session_hash, "hash");
  const auto unblocked = from_message(to_message(Unblocked{UserId{7}, UserId{8}}));
  EXPECT_EQ(std::get<Unblocked>(*unblocked).other, UserId{8});
  const auto changed = from_message(to_message(AccountChanged{UserId{9}}));
  EXPECT_EQ(std::get<AccountChanged>(*changed).user, UserId{9});
  const auto notice = from_message(to_message(Notice{UserId{9}, R"({"kind":"x"})"}));
  EXPECT_EQ(std::get<Notice>(*notice).user, UserId{9});
  EXPECT_EQ(std::get<Notice>(*notice).data, R"({"kind":"x"})");
}

TEST(Bus, WhatIsNotOursIsIgnored) {
  EXPECT_FALSE(from_message({{"type", "match_found"}, {"user", "7"}}));
  EXPECT_FALSE(from_message({{"type", "seendr.banned"}}));
  EXPECT_FALSE(from_message({{"type", "seendr.banned"}, {"user", "x"}}));
  EXPECT_FALSE(from_message({{"type", 7}, {"user", "7"}}));
}

}  // namespace
}  // namespace seendr::app::bus
