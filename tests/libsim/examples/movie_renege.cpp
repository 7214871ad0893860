// Moviegoers queue at one counter for tickets to three films. When a film is sold out, all who wait
// for it leave the queue. Times are minutes.
#include <fmt/ostream.h>

#include <array>

#include "libsim/engine/resource.hpp"
#include "libsim/engine/within.hpp"
#include "tests/libsim/examples/examples.hpp"
#include "tests/libsim/examples/python_random.hpp"

namespace windtunnel::examples {
namespace {

struct Movie {
  Movie(Simulation& sim, std::string its_title) : title(std::move(its_title)), sold_out(sim) {}
  std::string title;
  Event sold_out;
  int tickets = 50, renegers = 0;
  Time when_sold_out{};
};

struct Theater {
  Simulation sim{};
  PythonRandom random{42};
  Resource counter{sim, 1};
  std::array<Movie, 3> movies{Movie(sim, "Python Unchained"), Movie(sim, "Kill Process"),
                              Movie(sim, "Pulp Implementation")};
};

Process moviegoer(Theater& theater, Movie& movie, int wanted) {
  const std::optional<Lease> my_turn = co_await within(movie.sold_out, theater.counter.request());
  if (!my_turn) {
    ++movie.renegers;
    co_return;
  }
  if (movie.tickets < wanted) {
    co_await minutes(0.5); // a discussion
    co_return;
  }
  movie.tickets -= wanted;
  if (movie.tickets < 2) {
    movie.tickets = 0;
    movie.when_sold_out = theater.sim.now();
    movie.sold_out.succeed();
  }
  co_await minutes(1);
}

Process arrivals(Theater& theater) {
  for (;;) {
    co_await minutes(theater.random.expovariate(1 / 0.5));
    Movie& movie = theater.random.choice(theater.movies);
    const int wanted = theater.random.randint(1, 6);
    if (movie.tickets > 0) theater.sim.spawn("moviegoer", moviegoer(theater, movie, wanted));
  }
}

} // namespace

void movie_renege(std::ostream& out) {
  fmt::print(out, "Movie renege\n");
  Theater theater;
  theater.sim.spawn("arrivals", arrivals(theater));
  theater.sim.run_until(minutes(120) - nanoseconds(1));
  for (const Movie& movie : theater.movies) {
    if (!movie.sold_out.triggered()) continue;
    fmt::print(out, "Movie \"{}\" sold out {:.1f} minutes after ticket counter opening.\n",
               movie.title, movie.when_sold_out / minutes(1));
    fmt::print(out, "  Number of people leaving queue when film sold out: {}\n", movie.renegers);
  }
}

} // namespace windtunnel::examples
