// The compiled parts of Boost.Asio and Beast, once for the wallet (BOOST_*_SEPARATE_COMPILATION).
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
