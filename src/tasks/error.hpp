// What can be wrong with a task message, and why a task is not enqueued or has no result.
#pragma once

#include <string_view>

#include "base/error.hpp"

namespace seendr::tasks {

enum class Errc {
  not_json = 1,  // Not a JSON object.
  no_properties,
  no_delivery_tag,
  no_headers,  // And the body does not name the task either.
  no_task,
  no_id,
  bad_content_type,   // Not JSON.
  bad_body_encoding,  // Neither base64 nor plain text, or not valid base64.
  bad_compression,    // Of a kind we do not know, or too much.
  bad_body,           // Not JSON.
  bad_body_shape,     // Not [arguments, keyword arguments, options].
  bad_time,           // Of eta or expires.
  too_large,          // See kMaxBody.
  duplicate,          // Another task has the unique key.
  overloaded,         // Too many wait in the queue already.
  unavailable,        // Redis did not answer; the task may have been enqueued.
  not_finished,       // There is no result yet.
};

constexpr std::string_view describe(Errc e) {
  switch (e) {
    case Errc::not_json:
      return "The message is not a JSON object";
    case Errc::no_properties:
      return "The message has no properties";
    case Errc::no_delivery_tag:
      return "The message has no delivery tag";
    case Errc::no_headers:
      return "The message has no headers";
    case Errc::no_task:
      return "The message does not name its task";
    case Errc::no_id:
      return "The message has no id";
    case Errc::bad_content_type:
      return "The body of the message is not of type application/json";
    case Errc::bad_body_encoding:
      return "The body of the message cannot be decoded";
    case Errc::bad_compression:
      return "The body of the message cannot be decompressed";
    case Errc::bad_body:
      return "The body of the message is not JSON";
    case Errc::bad_body_shape:
      return "The body of the message is not [args, kwargs, embed]";
    case Errc::bad_time:
      return "The message has an eta or an expiry that is not a time";
    case Errc::too_large:
      return "The message is too large";
    case Errc::duplicate:
      return "The same task was enqueued already";
    case Errc::overloaded:
      return "Too many tasks are waiting in the queue";
    case Errc::unavailable:
      return "The queue cannot be reached";
    case Errc::not_finished:
      return "The task has not finished";
  }
  return "An unknown error of tasks";
}

using seendr::make_error_code;

}  // namespace seendr::tasks

template <>
struct boost::system::is_error_code_enum<seendr::tasks::Errc> : std::true_type {};
