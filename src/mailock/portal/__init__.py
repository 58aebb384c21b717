"""The portal: pages for recipients of mail, made for the Internet. It decides nothing and knows nothing by itself."""
