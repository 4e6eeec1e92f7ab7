#include "components/source/odbc/driver_manager.h"

#include <dlfcn.h>

#include <clocale>
#include <mutex>

namespace leat::components::odbc {
namespace {

constexpr const char* kLibrary = "libodbc.so.2";

Status Open(DriverManager& manager) {
  // The driver manager recodes names for drivers that know no Unicode by the locale's character set; in C it cuts them to bytes.
  setlocale(LC_CTYPE,
            "C.UTF-8");  // NOLINT(concurrency-mt-unsafe): once, and nothing of ours asks for the character set
  void* library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = dlerror();
    return MakeError("SRC-298", ErrorKind::kEnvironment, "the ODBC driver manager cannot be loaded: {}",
                     reason == nullptr ? kLibrary : reason)
        .WithHint("install unixODBC (Debian, Ubuntu: apt install libodbc2) and the database's driver");
  }
#define LEAT_ODBC_LOAD(name)                                                                     \
  manager.name = reinterpret_cast<decltype(manager.name)>(dlsym(library, "SQL" #name));          \
  if (manager.name == nullptr) {                                                                 \
    return MakeError("SRC-298", ErrorKind::kEnvironment, "{} has no SQL" #name, kLibrary)        \
        .WithHint("is it unixODBC? `odbcinst -j` says which one is installed; 2.3 is expected"); \
  }
  LEAT_ODBC_FUNCTIONS(LEAT_ODBC_LOAD)
#undef LEAT_ODBC_LOAD
  SQLHANDLE environment = nullptr;
  if (!SQL_SUCCEEDED(manager.AllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment)))
    return MakeError("SRC-298", ErrorKind::kResource, "{} gives no environment", kLibrary);
  // NOLINTNEXTLINE(performance-no-int-to-ptr): how ODBC passes numbers
  manager.SetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, reinterpret_cast<SQLPOINTER>(SQL_OV_ODBC3), 0);
  manager.environment = environment;
  return Ok();
}

}  // namespace

Result<const DriverManager*> LoadDriverManager() {
  static std::mutex mutex;
  static DriverManager manager;
  std::lock_guard lock(mutex);
  if (manager.environment == nullptr) LEAT_TRY(Open(manager));
  return &manager;
}

}  // namespace leat::components::odbc
