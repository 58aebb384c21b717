"""The console for administrators: pages and API over the operations. It opens no mail and decides nothing."""
