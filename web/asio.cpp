// The compiled parts of Boost.Asio and Beast, once for wallet and devices
// (BOOST_*_SEPARATE_COMPILATION).
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
