#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "io/s3/options.h"

namespace leat::io::sqs {

struct Message {
  std::string body;
  std::string receipt;  ///< by which it is deleted; another one each time that the message comes
};

/// How a queue is reached. Keys and region are looked for as those of the object store are; a region in the queue's own
/// address (sqs.<region>.amazonaws.com) comes first.
struct QueueOptions {
  std::string url;  ///< "https://sqs.eu-central-1.amazonaws.com/123456789012/arrived"
  s3::StorageSettings storage;
  s3::Environment environment;
  RetryPolicy retry{4, std::chrono::milliseconds(200), std::chrono::milliseconds(5'000), 2.0,
                    std::chrono::milliseconds(20'000)};
};

/// A queue of SQS. Thread-safe, blocking. Errors: IO-417 kPermission: the queue refuses the keys; IO-418 kEnvironment: any other
/// refusal; IO-511, IO-512, IO-521; RUN-900.
class Queue {
 public:
  /// IO-416 kConfig: the address; IO-501 kConfig: half a pair of keys.
  static Result<std::unique_ptr<Queue>> Open(QueueOptions options);

  /// At most ten messages; waits up to `wait` (whole seconds, at most 20) for the first. For `hidden` nobody else gets them.
  Result<std::vector<Message>> Receive(std::chrono::seconds wait, std::chrono::seconds hidden,
                                       const CancelToken* cancel);
  /// Also of a message that is gone.
  Status Delete(const std::string& receipt, const CancelToken* cancel);

  const std::string& url() const { return options_.url; }

 private:
  Queue(QueueOptions options, std::string host, std::string region, s3::CredentialOptions keys, HttpOptions http);
  Result<std::string> Call(const std::string& action, const std::string& body, const CancelToken* cancel);
  Result<std::string> CallOnce(const std::string& action, const std::string& body, const CancelToken* cancel);

  const QueueOptions options_;
  const std::string host_;
  const std::string region_;
  s3::CredentialChain credentials_;
  HttpClient http_;
};

}  // namespace leat::io::sqs
