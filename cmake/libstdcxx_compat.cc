// What libduckdb, built by an older GCC, asks of libstdc++ under an older symbol version; the compiler's static library has only the
// newest (condition_variable::wait lost its noexcept in GCC 12). cmake/check_portable.sh fails when something else is asked for.
#include <condition_variable>
#include <mutex>

extern "C" void leat_condition_variable_wait(std::condition_variable* condition, std::unique_lock<std::mutex>& lock) noexcept {
  condition->wait(lock);
}
__asm__(".symver leat_condition_variable_wait, _ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE@GLIBCXX_3.4.11");
