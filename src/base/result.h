#pragma once

#include <cassert>
#include <memory>
#include <optional>
#include <utility>

#include "base/error.h"

namespace leat {

/// A value of T or an Error. Every function that can fail returns one; exceptions stay inside the file that
/// talks to a throwing library. Reading value() of an error (or error() of a value) is a bug and asserts.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}                               // NOLINT: conversion is the point
  Result(Error error) : error_(std::make_unique<Error>(std::move(error))) {}  // NOLINT

  bool ok() const { return error_ == nullptr; }
  explicit operator bool() const { return ok(); }

  const T& value() const& {
    assert(ok());
    return *value_;
  }
  T& value() & {
    assert(ok());
    return *value_;
  }
  T&& value() && {
    assert(ok());
    return std::move(*value_);
  }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

  const Error& error() const& {
    assert(!ok());
    return *error_;
  }
  Error&& error() && {
    assert(!ok());
    return std::move(*error_);
  }

 private:
  std::optional<T> value_;
  std::unique_ptr<Error> error_;
};

/// Success or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::make_unique<Error>(std::move(error))) {}  // NOLINT

  bool ok() const { return error_ == nullptr; }
  explicit operator bool() const { return ok(); }
  const Error& error() const& {
    assert(!ok());
    return *error_;
  }
  Error&& error() && {
    assert(!ok());
    return std::move(*error_);
  }

 private:
  std::unique_ptr<Error> error_;
};

using Status = Result<void>;
inline Status Ok() { return {}; }

}  // namespace leat

#define LEAT_CONCAT_INNER(a, b) a##b
#define LEAT_CONCAT(a, b) LEAT_CONCAT_INNER(a, b)

/// Returns the error of `expr` (a Status or Result) from the enclosing function, if it has one.
#define LEAT_TRY(expr)                                                                                  \
  do {                                                                                                  \
    auto LEAT_CONCAT(status_, __LINE__) = (expr);                                                       \
    if (!LEAT_CONCAT(status_, __LINE__).ok()) return std::move(LEAT_CONCAT(status_, __LINE__)).error(); \
  } while (false)

/// LEAT_ASSIGN(auto x, F()): declares x from the value of F(), or returns its error.
#define LEAT_ASSIGN(declaration, expr)                                                                \
  auto LEAT_CONCAT(result_, __LINE__) = (expr);                                                       \
  if (!LEAT_CONCAT(result_, __LINE__).ok()) return std::move(LEAT_CONCAT(result_, __LINE__)).error(); \
  declaration = std::move(LEAT_CONCAT(result_, __LINE__)).value()
