#include "base/error.hpp"

#include <boost/asio/error.hpp>

namespace seendr {

std::string what(const std::exception& error) {
  std::string text = error.what();
  const auto* system = dynamic_cast<const system_error*>(&error);
  if (!system) return text;
  const std::string end = system->code().what();
  if (text.ends_with(end)) {
    text.replace(text.size() - end.size(), end.size(), system->code().message());
  }
  return text;
}

std::string what(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return what(e);
  } catch (...) {
    return "an exception of unknown type";
  }
}

bool is_cancellation(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const system_error& e) {
    return e.code() == boost::asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace seendr
