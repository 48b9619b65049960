#include "redis/reply_parser.hpp"

#include <algorithm>
#include <cassert>
#include <new>

#include <hiredis/read.h>

namespace seendr::redis {

namespace {

// An announced length is not believed before its elements arrive.
constexpr std::size_t kReserveLimit = 1024;

}  // namespace

// What the reader calls to build a reply in place. No exception may pass through its C code: out of
// memory is told by nullptr. Integer parameters are templates because their types changed with
// hiredis 1.0.
struct ReplyParser::Build {
  // Where the value of `task` goes: into the array above it, or it is the reply itself. An array
  // grows only while no element of it is being built, so that addresses hold.
  static Reply& place(const redisReadTask* task) {
    if (!task->parent) return static_cast<ReplyParser*>(task->privdata)->root_ = Reply();
    auto* array = static_cast<Reply*>(task->parent->obj);
    return std::get<std::vector<Reply>>(array->value_).emplace_back();
  }

  template <class Fill>
  static void* build(const redisReadTask* task, Fill fill) noexcept {
    try {
      Reply& reply = place(task);
      fill(reply);
      return &reply;
    } catch (...) {
      return nullptr;
    }
  }

  static void* string(const redisReadTask* task, char* text, std::size_t size) noexcept {
    return build(task, [=](Reply& reply) {
      reply.value_.emplace<std::string>(text, size);
      reply.kind_ = task->type == REDIS_REPLY_ERROR    ? Reply::Kind::error
                    : task->type == REDIS_REPLY_STATUS ? Reply::Kind::status
                                                       : Reply::Kind::string;
    });
  }

  template <class Count>
  static void* array(const redisReadTask* task, Count count) noexcept {
    return build(task, [=](Reply& reply) {
      auto& elements = reply.value_.emplace<std::vector<Reply>>();
      elements.reserve(std::min(static_cast<std::size_t>(count), kReserveLimit));
      reply.kind_ = Reply::Kind::array;
    });
  }

  static void* integer(const redisReadTask* task, long long value) noexcept {
    return build(task, [=](Reply& reply) {
      reply.value_ = std::int64_t{value};
      reply.kind_ = Reply::Kind::integer;
    });
  }

  static void* nil(const redisReadTask* task) noexcept {
    return build(task, [](Reply&) {});
  }

  static void keep(void*) noexcept {}  // Replies belong to the parser.
};

ReplyParser::ReplyParser() {
  static redisReplyObjectFunctions functions = [] {
    redisReplyObjectFunctions f{};
    f.createString = &Build::string;
    f.createArray = &Build::array;
    f.createInteger = &Build::integer;
    f.createNil = &Build::nil;
    f.freeObject = &Build::keep;
    return f;
  }();
  reader_ = redisReaderCreateWithFunctions(&functions);
  if (!reader_) throw std::bad_alloc();
  reader_->privdata = this;
  reader_->maxbuf = 0;  // Or it frees its buffer whenever more than 16 KiB of it are idle.
}

ReplyParser::~ReplyParser() {
  redisReaderFree(reader_);
}

void ReplyParser::feed(std::string_view bytes) {
  assert(bytes.size() <= kPiece);
  redisReaderFeed(reader_, bytes.data(), bytes.size());
}

std::optional<Reply> ReplyParser::next() {
  void* reply = nullptr;
  if (redisReaderGetReply(reader_, &reply) != REDIS_OK) {
    throw system_error(make_error_code(Errc::protocol_error), reader_->errstr);
  }
  if (!reply) return std::nullopt;
  return std::move(root_);
}

}  // namespace seendr::redis
