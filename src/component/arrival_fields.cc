#include "component/arrival_fields.h"

#include "component/object_store_fields.h"
#include "config/field_builders.h"
#include "io/s3/s3_file_system.h"

namespace leat::component {

using config::FieldSpec;
using config::FieldType;

namespace {

constexpr std::chrono::hours kLongestHidden{12};  // that a queue allows

}  // namespace

FieldSpec ArrivalField() {
  FieldSpec field = config::MakeField("arrival", FieldType::kObject,
                                      "What tells `leat watch` that files came. Without it folders of this machine do "
                                      "so by themselves, others are looked at again and again.");
  field.fields = {
      {.name = "sqs",
       .description =
           "URL of a queue that gets the events of the bucket (ObjectCreated); asked with the keys of `storage:`. It is "
           "read by one `leat watch`.",
       .required = true,
       .example = "https://sqs.eu-central-1.amazonaws.com/123456789012/arrived"},
      {.name = "visibility",
       .type = FieldType::kDuration,
       .description = "How long a message that was received stays away from others, so that a run can take its file; "
                      "after that it comes again.",
       .default_value = "5m"},
  };
  return field;
}

Result<std::optional<ArrivalQueue>> ReadArrivalQueue(const config::Values& connection,
                                                     const std::string& project_root) {
  if (!connection.Has("arrival")) return std::optional<ArrivalQueue>();
  const config::Values* const arrival = connection.Object("arrival");
  if (!io::IsS3(connection.Text("path"))) {
    return MakeError("SRC-382", ErrorKind::kConfig,
                     "`arrival: {{ sqs: … }}` goes with an object store; files are at {}", connection.Text("path"))
        .At(connection.Where("arrival"))
        .WithHint("leave it out: folders tell by themselves, servers are looked at again and again");
  }
  ArrivalQueue queue;
  queue.options.url = arrival->Text("sqs");
  if (connection.Has("storage")) queue.options.storage = ReadObjectStore(*connection.Object("storage"), project_root);
  queue.options.environment = io::s3::ProcessEnvironment();
  queue.hidden = std::chrono::duration_cast<std::chrono::seconds>(arrival->Duration("visibility"));
  if (queue.hidden.count() <= 0 || queue.hidden > kLongestHidden) {
    return MakeError("SRC-382", ErrorKind::kConfig, "`visibility:` of a queue is between 1 s and 12 h")
        .At(arrival->Where("visibility"))
        .WithHint("write what a run needs for a file, as 5m");
  }
  return std::optional<ArrivalQueue>(std::move(queue));
}

}  // namespace leat::component
