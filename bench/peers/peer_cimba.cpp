// cimba's C engine: peer_cimba BENCHMARK. The Python wheel brings the engine as a shared library
// that exports its whole C interface, but no headers: what is used of it is declared here, after
// its documentation. Model code is compiled C++ in both engines this way; the wheel's own Python
// models call the same functions.
//
// Exponential variates are cimba's own ziggurat where bench/engine.cpp draws ours (M/M/1).
#include "workload.hpp"

extern "C" {
struct cmb_process;
struct cmb_objectqueue;
struct cmb_resource;
double cpy_random_exponential(double mean);
void cmb_random_initialize(std::uint64_t seed);
void cmb_logger_flags_off(std::uint32_t flags);
double cmb_time();
void cmb_event_queue_initialize(double start);
void cmb_event_queue_execute();
std::uint64_t cmb_event_schedule(void (*action)(void*, void*), void* subject, void* object,
                                 double time, std::int64_t priority);
bool cmb_event_cancel(std::uint64_t handle);
cmb_process* cmb_process_create();
void cmb_process_initialize(cmb_process*, const char* name, void* (*body)(cmb_process*, void*),
                            void* context, std::int64_t priority);
void cmb_process_start(cmb_process*);
std::int64_t cmb_process_hold(double duration);
void cmb_process_terminate(cmb_process*);
void cmb_process_destroy(cmb_process*);
cmb_objectqueue* cmb_objectqueue_create();
void cmb_objectqueue_initialize(cmb_objectqueue*, const char* name, std::uint64_t capacity);
std::int64_t cmb_objectqueue_get(cmb_objectqueue*, void** object);
std::int64_t cmb_objectqueue_put(cmb_objectqueue*, void* object);
cmb_resource* cmb_resource_create();
void cmb_resource_initialize(cmb_resource*, const char* name);
std::int64_t cmb_resource_acquire(cmb_resource*);
void cmb_resource_release(cmb_resource*);
}

namespace {

using namespace peers;

void* as_pointer(std::size_t n) { return reinterpret_cast<void*>(n); }
std::size_t as_number(void* p) { return reinterpret_cast<std::size_t>(p); }

cmb_process* spawn(const char* name, void* (*body)(cmb_process*, void*), void* context) {
  cmb_process* const process = cmb_process_create();
  cmb_process_initialize(process, name, body, context, 0);
  cmb_process_start(process);
  return process;
}

struct Hold {
  Increments increments;
  Window window;
};

/// The measurement is over; what is pending would only cost time to take down.
[[noreturn]] void report_and_leave(const Window& window) {
  window.report(cmb_time());
  std::_Exit(0);
}

void hold_event(void* subject, void*) {
  Hold& hold = *static_cast<Hold*>(subject);
  if (hold.window.last()) report_and_leave(hold.window);
  cmb_event_schedule(hold_event, subject, nullptr, cmb_time() + hold.increments.next(), 0);
}

void hold_callbacks(std::size_t n) {
  Hold hold{{}, Window(n + 300'000, 300'000)};
  for (std::size_t i = 0; i < n; ++i)
    cmb_event_schedule(hold_event, &hold, nullptr, hold.increments.next(), 0);
  cmb_event_queue_execute();
}

void hold_processes(std::size_t n) {
  Hold hold{{}, Window(3 * n, 300'000)};
  for (std::size_t i = 0; i < n; ++i)
    spawn(
        "holder",
        [](cmb_process*, void* context) -> void* {
          Hold& own = *static_cast<Hold*>(context);
          for (;;) {
            if (own.window.last()) report_and_leave(own.window);
            cmb_process_hold(own.increments.next());
          }
        },
        &hold);
  cmb_event_queue_execute();
}

struct Mm1 {
  cmb_objectqueue* queue = nullptr;
  cmb_resource* counter = nullptr;
  std::vector<double> arrived = std::vector<double>(customers);
  std::vector<cmb_process*> ended{};
  double total = 0;
};

void mm1_processes() {
  const double begin = cpu_seconds();
  Mm1 model;
  model.queue = cmb_objectqueue_create();
  cmb_objectqueue_initialize(model.queue, "queue", UINT64_MAX);
  spawn(
      "arrivals",
      [](cmb_process*, void* context) -> void* {
        Mm1& own = *static_cast<Mm1*>(context);
        for (std::size_t i = 0; i < customers; ++i) {
          cmb_process_hold(cpy_random_exponential(1 / load));
          own.arrived[i] = cmb_time();
          cmb_objectqueue_put(own.queue, &own.arrived[i]);
        }
        return nullptr;
      },
      &model);
  spawn(
      "server",
      [](cmb_process*, void* context) -> void* {
        Mm1& own = *static_cast<Mm1*>(context);
        for (int i = 0; i < customers; ++i) {
          void* arrived = nullptr;
          cmb_objectqueue_get(own.queue, &arrived);
          cmb_process_hold(cpy_random_exponential(1));
          own.total += cmb_time() - *static_cast<double*>(arrived);
        }
        return nullptr;
      },
      &model);
  cmb_event_queue_execute();
  report(customers, cpu_seconds() - begin, model.total / customers);
}

/// Processes that have ended give their stacks back when the next customer comes.
void bury(std::vector<cmb_process*>& ended) {
  for (cmb_process* const process : ended) {
    cmb_process_terminate(process);
    cmb_process_destroy(process);
  }
  ended.clear();
}

void* customer(cmb_process* self, void* context) {
  Mm1& own = *static_cast<Mm1*>(context);
  const double arrived = cmb_time();
  cmb_resource_acquire(own.counter);
  cmb_process_hold(cpy_random_exponential(1));
  cmb_resource_release(own.counter);
  own.total += cmb_time() - arrived;
  own.ended.push_back(self);
  return nullptr;
}

void mm1_customer_processes() {
  const double begin = cpu_seconds();
  Mm1 model;
  model.counter = cmb_resource_create();
  cmb_resource_initialize(model.counter, "counter");
  spawn(
      "arrivals",
      [](cmb_process*, void* context) -> void* {
        for (int i = 0; i < customers; ++i) {
          cmb_process_hold(cpy_random_exponential(1 / load));
          bury(static_cast<Mm1*>(context)->ended);
          spawn("customer", customer, context);
        }
        return nullptr;
      },
      &model);
  cmb_event_queue_execute();
  report(customers, cpu_seconds() - begin, model.total / customers);
}

struct Phold {
  PholdChoices choices;
  Window window;
};

void phold_send(Phold& model, std::size_t from, std::size_t to) {
  const auto action = [](void* subject, void* object) {
    Phold& own = *static_cast<Phold*>(subject);
    const std::size_t at = as_number(object);
    if (own.window.last()) report_and_leave(own.window);
    phold_send(own, at, own.choices.receive(at));
  };
  cmb_event_schedule(action, &model, as_pointer(to), cmb_time() + model.choices.delay(from), 0);
}

void phold(std::size_t n) {
  Phold model{PholdChoices(n), Window(n + 300'000, 300'000)};
  for (std::size_t i = 0; i < n; ++i) phold_send(model, i, i);
  cmb_event_queue_execute();
}

void count(void* subject, void*) { ++*static_cast<int*>(subject); }

void timers_bulk() {
  const std::vector<double> times = timer_times();
  std::vector<std::uint64_t> handles(timers);
  int fired = 0;
  const double begin = cpu_seconds();
  for (int i = 0; i < timers; ++i)
    handles[i] = cmb_event_schedule(count, &fired, nullptr, times[i], 0);
  for (int i = 0; i < timers; i += 2) cmb_event_cancel(handles[i]);
  cmb_event_queue_execute();
  report(timers, cpu_seconds() - begin, fired);
}

struct Rolling {
  std::vector<std::uint64_t> handles = std::vector<std::uint64_t>(timers);
  int fired = 0, tick = 0;
};

void roll(void* subject, void*) {
  Rolling& own = *static_cast<Rolling*>(subject);
  const int i = own.tick;
  own.handles[i] = cmb_event_schedule(count, &own.fired, nullptr, cmb_time() + rolling_delay(i), 0);
  if (const int cancelled = rolling_cancels(i); cancelled >= 0)
    cmb_event_cancel(own.handles[cancelled]);
  if (++own.tick < timers) cmb_event_schedule(roll, subject, nullptr, cmb_time() + 1, 0);
}

void timers_rolling() {
  Rolling model;
  const double begin = cpu_seconds();
  cmb_event_schedule(roll, &model, nullptr, 1, 0);
  cmb_event_queue_execute();
  report(timers, cpu_seconds() - begin, model.fired);
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  constexpr std::uint32_t information = 0x10000000, warnings = 0x20000000;
  cmb_logger_flags_off(information | warnings);
  cmb_random_initialize(42);
  cmb_event_queue_initialize(0);
  const Benchmark benchmark(argv[1]);
  if (benchmark.name == "hold_callbacks")
    hold_callbacks(benchmark.size);
  else if (benchmark.name == "hold_processes")
    hold_processes(benchmark.size);
  else if (benchmark.name == "mm1_processes")
    mm1_processes();
  else if (benchmark.name == "mm1_customer_processes")
    mm1_customer_processes();
  else if (benchmark.name == "phold")
    phold(benchmark.size);
  else if (benchmark.name == "timers_bulk")
    timers_bulk();
  else if (benchmark.name == "timers_rolling")
    timers_rolling();
  else
    not_offered();
  std::_Exit(0);
}
