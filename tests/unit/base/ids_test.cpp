#include "base/ids.hpp"

#include <unordered_set>

#include <gtest/gtest.h>

namespace seendr {
namespace {

TEST(UserId, IsReadFromItsOwnText) {
  for (const std::int64_t value : {std::int64_t{1}, std::int64_t{1'000'000'000'000}, INT64_MAX}) {
    const UserId id{value};
    EXPECT_EQ(parse_user_id(id.text()), id);
  }
}

TEST(UserId, IsReadFromNothingElse) {
  for (const char* text : {"", "0", "01", "-1", "+1", " 1", "1 ", "1x", "x", "1.0", "0x1",
                           "9223372036854775808", "99999999999999999999"}) {
    EXPECT_EQ(parse_user_id(text), std::nullopt) << text;
  }
}

TEST(TextIds, OfDifferentKindsCannotBeMixedUp) {
  static_assert(!std::is_convertible_v<RoomId, SessionId>);
  static_assert(!std::is_same_v<SessionId, TicketId>);

  EXPECT_EQ(RoomId{"a"}, RoomId{"a"});
  EXPECT_TRUE(SessionId{}.empty());
}

TEST(Ids, AreKeysOfHashedContainers) {
  const std::unordered_set<UserId> users{{1}, {2}, {1}};
  const std::unordered_set<RoomId> rooms{{"a"}, {"b"}, {"a"}};

  EXPECT_EQ(users.size(), 2U);
  EXPECT_EQ(rooms.size(), 2U);
}

}  // namespace
}  // namespace seendr
