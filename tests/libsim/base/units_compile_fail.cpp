// Expressions that must not compile, each beside its like that must. units_compile_fail.py compiles
// this file once as it stands (it must compile) and once with WRONG defined: then every line marked
// `// wrong` must be refused, and no other line.
#include "libsim/base/units.hpp"

using namespace windtunnel;

#ifdef WRONG
#define WT_ONLY(wrong, right) wrong
#else
#define WT_ONLY(wrong, right) right
#endif

void sums_stay_within_a_dimension(Time t, Bytes b, Money m, Bandwidth r, Price p, FlopRate f) {
  (void)(t + WT_ONLY(b, t));  // wrong
  (void)(m + WT_ONLY(t, m));  // wrong
  (void)(m - WT_ONLY(p, m));  // wrong
  (void)(r + WT_ONLY(b, r));  // wrong
  (void)(r - WT_ONLY(f, r));  // wrong
  (void)(t + WT_ONLY(1, t));  // wrong
  (void)(b + WT_ONLY(1L, b)); // wrong
  t += WT_ONLY(b, t);         // wrong
  m -= WT_ONLY(1.0, m);       // wrong
}

void products_mean_something(Time t, Bytes b, Money m, Bandwidth r, Flops w, FlopRate f, Price p) {
  (void)(r * WT_ONLY(r, t));      // wrong
  (void)(t * WT_ONLY(t, 2));      // wrong
  (void)(b * WT_ONLY(b, 2));      // wrong
  (void)(m * WT_ONLY(m, 2.0));    // wrong
  (void)(p * WT_ONLY(p, t));      // wrong
  (void)(p * WT_ONLY(b, 2.0));    // wrong
  (void)(w * WT_ONLY(f, 2.0));    // wrong
  (void)(b / WT_ONLY(t, r));      // wrong
  (void)(w / WT_ONLY(r, f));      // wrong
  (void)(m / WT_ONLY(t, m));      // wrong
  (void)(1.0 / WT_ONLY(t, 2));    // wrong
  (void)charge(p, WT_ONLY(b, t)); // wrong
  (void)charge(WT_ONLY(m, p), t); // wrong
}

void comparisons_stay_within_a_dimension(Time t, Bytes b, Money m, Price p, Bandwidth r) {
  (void)(t < WT_ONLY(b, t));    // wrong
  (void)(t == WT_ONLY(b, t));   // wrong
  (void)(m >= WT_ONLY(p, m));   // wrong
  (void)(t > WT_ONLY(0, t));    // wrong
  (void)(r != WT_ONLY(0.0, r)); // wrong
}

void take_time(Time);

void naked_numbers_do_not_convert(Time t, Bytes b, Money m, Ratio q) {
  Time from_double = WT_ONLY(1.5, t);              // wrong
  Time from_integer{WT_ONLY(1500, )};              // wrong
  Bytes from_time = WT_ONLY(t, b);                 // wrong
  Money from_dollars = WT_ONLY(3, m);              // wrong
  double to_double = WT_ONLY(t, t.seconds());      // wrong
  std::int64_t to_integer = WT_ONLY(b, b.count()); // wrong
  double share = WT_ONLY(q, q.value());            // wrong
  take_time(WT_ONLY(60, t));                       // wrong
  if (WT_ONLY(t, t > Time{})) take_time(t);        // wrong
  (void)from_double, (void)from_integer, (void)from_time, (void)from_dollars;
  (void)to_double, (void)to_integer, (void)share;
}
