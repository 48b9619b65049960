#include "redis/reply.hpp"

#include <gtest/gtest.h>

#include "redis/error.hpp"

namespace seendr::redis {
namespace {

template <class Access>
error_code failure_of(Access access) {
  try {
    access();
  } catch (const system_error& error) {
    return error.code();
  }
  return {};
}

TEST(Reply, IsNilByDefault) {
  const Reply reply;

  EXPECT_TRUE(reply.is_nil());
  EXPECT_EQ(reply.as_string(), nullptr);
  EXPECT_TRUE(reply.as_array().empty());
}

TEST(Reply, ReadsAnIntegerFromAString) {
  EXPECT_EQ(Reply::string("-12").as_int(), -12);
  EXPECT_EQ(Reply::integer(7).as_int(), 7);
  EXPECT_EQ(Reply::integer(7).text(), "7");
}

TEST(Reply, RefusesAccessToAnotherKind) {
  EXPECT_EQ(failure_of([] { Reply::string("12x").as_int(); }), Errc::bad_reply);
  EXPECT_EQ(failure_of([] { Reply().as_int(); }), Errc::bad_reply);
  EXPECT_EQ(failure_of([] { Reply().text(); }), Errc::bad_reply);
  EXPECT_EQ(failure_of([] { Reply::integer(1).as_string(); }), Errc::bad_reply);
  EXPECT_EQ(failure_of([] { Reply::status("OK").as_array(); }), Errc::bad_reply);
  EXPECT_EQ(failure_of([] { Reply::error("ERR").text(); }), Errc::bad_reply);
}

TEST(Reply, SaysWhatItGotInstead) {
  try {
    Reply::error("WRONGTYPE Operation against a key").as_int();
    FAIL();
  } catch (const system_error& error) {
    EXPECT_NE(std::string(error.what()).find("WRONGTYPE"), std::string::npos);
  }
}

}  // namespace
}  // namespace seendr::redis
