#include "base/error.hpp"

#include <boost/asio/error.hpp>
#include <gtest/gtest.h>

namespace seendr::kitchen {

enum class Errc { burnt = 1, cold };

constexpr std::string_view describe(Errc e) {
  return e == Errc::burnt ? "the soup is burnt" : "the soup is cold";
}

using seendr::make_error_code;

}  // namespace seendr::kitchen

template <>
struct boost::system::is_error_code_enum<seendr::kitchen::Errc> : std::true_type {};

namespace seendr {
namespace {

using kitchen::Errc;

result<int> serve(bool good) {
  if (!good) return Errc::cold;
  return 3;
}

TEST(ErrorCode, OfAModuleIsDescribedByItsSentence) {
  const error_code code = Errc::burnt;

  EXPECT_EQ(code.message(), "the soup is burnt");
  EXPECT_EQ(code, Errc::burnt);
  EXPECT_NE(code, Errc::cold);
  EXPECT_NE(code, boost::system::errc::operation_not_permitted);  // The same number elsewhere.
}

TEST(ErrorCode, TravelsInAResult) {
  EXPECT_EQ(serve(false).error(), Errc::cold);
  EXPECT_EQ(serve(true).value(), 3);
}

TEST(What, IsTheContextAndTheSentenceOfACodeAndNothingOfTheSource) {
  BOOST_STATIC_CONSTEXPR boost::source_location here = BOOST_CURRENT_LOCATION;
  const error_code refused(make_error_code(boost::system::errc::connection_refused), &here);

  EXPECT_EQ(what(system_error(refused, "connect")), "connect: Connection refused");
  EXPECT_EQ(what(system_error(refused)), "Connection refused");
  EXPECT_EQ(what(system_error(make_error_code(Errc::burnt), "lunch")), "lunch: the soup is burnt");
  EXPECT_EQ(what(std::make_exception_ptr(system_error(refused, "connect"))),
            "connect: Connection refused");
}

TEST(What, IsWhatTheExceptionSays) {
  EXPECT_EQ(what(std::runtime_error("no salt")), "no salt");
  EXPECT_EQ(what(std::make_exception_ptr(std::runtime_error("no salt"))), "no salt");
  EXPECT_EQ(what(std::make_exception_ptr(42)), "an exception of unknown type");
}

TEST(IsCancellation, IsTrueForOperationAbortedAlone) {
  const auto aborted = system_error(boost::asio::error::operation_aborted);
  const auto refused = system_error(boost::asio::error::connection_refused);

  EXPECT_TRUE(is_cancellation(std::make_exception_ptr(aborted)));
  EXPECT_FALSE(is_cancellation(std::make_exception_ptr(refused)));
  EXPECT_FALSE(is_cancellation(std::make_exception_ptr(42)));
}

}  // namespace
}  // namespace seendr
