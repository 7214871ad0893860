// Store: items put = items got + items in the store + items in the hands of getters that have not
// gone on; each is got once, by the getter and in the order that the header promises; nobody waits
// beside an item it wants or a free place.
//
// The promise is written out once more here, the obvious way: a shelf, two lines, and after each
// change everything is looked through from the start. The store must agree after every event.
#include "libsim/engine/store.hpp"

#include <functional>
#include <set>

#include "tests/libsim/engine/conservation/ledgers.hpp"

namespace windtunnel::engine::conservation {
namespace {

struct Item {
  int key = 0;
  int number = 0;
  friend bool operator<(const Item& a, const Item& b) { return a.key < b.key; }
};

template <class Before> class StoreLedger final : public Ledger {
public:
  explicit StoreLedger(Population& population)
      : Ledger(population),
        capacity_(population.chance(0.3) ? std::numeric_limits<std::size_t>::max()
                                         : 1 + population.random().below(4)),
        store_(population.sim(), capacity_) {}

  Task<> use(Member& member, int depth) override {
    Asked asked(*this, member, population_.chance(0.5));
    if (asked.puts)
      co_await puts(asked);
    else
      co_await gets(asked);
    if (population_.chance(0.2)) co_await population_.stay(member, depth);
  }

  void meddle() override {
    if (population_.chance(0.5)) {
      const Item item = new_item();
      const bool possible = room() && putters_.empty();
      EXPECT_EQ(store_.try_put(item), possible);
      if (!possible) return;
      ++put_;
      shelve(item, false);
    } else {
      const std::optional<Item> item = store_.try_get();
      ASSERT_EQ(item.has_value(), !shelf_.empty());
      if (!item) return;
      EXPECT_EQ(item->number, shelf_.front().number);
      receive(*item);
      shelf_.erase(shelf_.begin());
    }
    settle();
  }

  void check() override {
    std::size_t in_hands = 0;
    for (const Request* const request : requests_) {
      const auto& asked = static_cast<const Asked&>(*request);
      const bool in_line = std::count(getters_.begin(), getters_.end(), &asked) +
                               std::count(putters_.begin(), putters_.end(), &asked) >
                           0;
      EXPECT_EQ(asked.seen == Request::Status::waits, in_line);
      if (asked.seen == Request::Status::served) {
        EXPECT_TRUE(asked.puts ? asked.counted : asked.item.has_value());
      }
      if (!asked.puts && asked.item) ++in_hands;
    }
    EXPECT_EQ(store_.size(), shelf_.size());
    EXPECT_EQ(put_, got_.size() + store_.size() + in_hands);
    if (store_.size() > capacity_) {
      EXPECT_LE(store_.size(), std::max(capacity_, size_before_) + put_back_);
    }
    size_before_ = store_.size();
    put_back_ = 0;
  }
  void check_end() override {
    // What is left is there to be taken, in order, and nobody stands before it.
    while (!shelf_.empty()) {
      const std::optional<Item> item = store_.try_get();
      ASSERT_TRUE(item);
      EXPECT_EQ(item->number, shelf_.front().number);
      receive(*item);
      shelf_.erase(shelf_.begin());
    }
    EXPECT_EQ(store_.size(), 0U);
    EXPECT_EQ(put_, got_.size());
    EXPECT_TRUE(getters_.empty() && putters_.empty());
  }

private:
  /// Put: the item on its way in; get: the item wanted, and in its hands.
  class Asked final : public Request {
  public:
    Asked(StoreLedger& books, Member& its_member, bool its_puts)
        : Request(books, its_member), puts(its_puts) {
      if (puts)
        item = books.new_item();
      else if (books.population_.chance(0.5))
        key = books.new_key();
    }
    ~Asked() override { drop(); }
    bool wants(const Item& other) const { return !key || other.key == *key; }

    bool puts;
    std::optional<int> key; ///< of the items wanted; none: any
    std::optional<Item> item;
  };

  Task<> puts(Asked& asked) {
    line_up(asked);
    try {
      const bool done = co_await population_.ask(asked, store_.put(*asked.item));
      EXPECT_EQ(done, asked.counted);
    } catch (const Interrupt&) {
      EXPECT_FALSE(asked.counted) << "a put that has happened was interrupted";
      throw;
    }
  }

  Task<> gets(Asked& asked) {
    line_up(asked);
    std::optional<Item> item;
    if (asked.key) {
      const typename Store<Item, Before>::Wanted wanted = [key = *asked.key](const Item& one) {
        return one.key == key;
      };
      item = co_await population_.ask(asked, store_.get_if(wanted));
    } else {
      item = co_await population_.ask(asked, store_.get());
    }
    if (!item) co_return;
    EXPECT_TRUE(asked.item) << "got what is another's";
    if (asked.item) {
      EXPECT_EQ(item->number, asked.item->number);
    }
    asked.item.reset();
    receive(*item);
  }

  int new_key() { return static_cast<int>(population_.random().below(3)); }
  Item new_item() { return {new_key(), ++items_}; }
  void receive(const Item& item) { EXPECT_TRUE(got_.insert(item.number).second) << "got twice"; }

  // The promise, the obvious way.

  bool room() const { return shelf_.size() < capacity_; }
  void line_up(Asked& asked) {
    if (asked.member.process.state().interrupted()) return; // it will not ask
    (asked.puts ? putters_ : getters_).push_back(&asked);
    settle();
  }
  /// Behind its equals, or when it was there before in front of them.
  void shelve(const Item& item, bool back) {
    const Before before{};
    auto at = shelf_.begin();
    while (at != shelf_.end() && (back ? before(*at, item) : !before(item, *at))) ++at;
    shelf_.insert(at, item);
  }
  void settle() {
    for (bool moved = true; moved;) {
      moved = false;
      if (room() && !putters_.empty()) {
        Asked& first = *putters_.front();
        putters_.erase(putters_.begin());
        shelve(*first.item, false);
        first.counted = moved = true;
        ++put_;
      }
      for (std::size_t i = 0; i < getters_.size() && !moved; ++i) {
        Asked& getter = *getters_[i];
        const auto wanted = std::find_if(shelf_.begin(), shelf_.end(),
                                         [&](const Item& item) { return getter.wants(item); });
        if (wanted == shelf_.end()) continue;
        getter.item = *wanted;
        shelf_.erase(wanted);
        getters_.erase(getters_.begin() + static_cast<std::ptrdiff_t>(i));
        moved = true;
      }
    }
  }
  void withdraw(Asked& asked) {
    std::erase(putters_, &asked);
    std::erase(getters_, &asked);
    if (!asked.puts && asked.item) {
      shelve(*asked.item, true);
      asked.item.reset();
      ++put_back_;
    }
    settle();
  }

  std::optional<int> queue_of(const Request&) const override { return std::nullopt; }
  void changed(Request& request, Request::Status) override {
    if (request.seen == Request::Status::withdrawn) withdraw(static_cast<Asked&>(request));
  }
  void dropped(Request& request) override { withdraw(static_cast<Asked&>(request)); }

  std::size_t capacity_;
  Store<Item, Before> store_;
  int items_ = 0;
  std::size_t put_ = 0, put_back_ = 0, size_before_ = 0;
  std::set<int> got_;
  std::vector<Item> shelf_;
  std::vector<Asked*> getters_, putters_;
};

} // namespace

std::unique_ptr<Ledger> store_ledger(Population& population) {
  return std::make_unique<StoreLedger<InOrder>>(population);
}
std::unique_ptr<Ledger> priority_store_ledger(Population& population) {
  return std::make_unique<StoreLedger<std::less<>>>(population);
}

} // namespace windtunnel::engine::conservation
