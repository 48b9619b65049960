// Error codes: the Boost.System types under our names, and one category for every module's Errc.
//
// A module declares
//
//   enum class Errc { timed_out = 1, ... };
//   constexpr std::string_view describe(Errc e);     // The sentence a user sees.
//   using seendr::make_error_code;
//   template <> struct boost::system::is_error_code_enum<seendr::m::Errc> : std::true_type {};
//
// and its values convert to error_code.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <boost/system/system_error.hpp>

namespace seendr {

using error_code = boost::system::error_code;
using system_error = boost::system::system_error;
template <class T>
using result = boost::system::result<T>;

template <class E>
class ErrorCategory final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "seendr"; }
  std::string message(int value) const override {
    return std::string(describe(static_cast<E>(value)));
  }
};

template <class E>
requires boost::system::is_error_code_enum<E>::value error_code make_error_code(E value) {
  static const ErrorCategory<E> category;
  return error_code(static_cast<int>(value), category);
}

// What an exception says, for people: what() of a system_error goes on with the number of the code
// and the source line it was made in, which is left out here.
std::string what(const std::exception& error);
std::string what(const std::exception_ptr& error);

// Whether the exception is Asio's operation_aborted: a cancellation, not a failure.
bool is_cancellation(const std::exception_ptr& error);

}  // namespace seendr
